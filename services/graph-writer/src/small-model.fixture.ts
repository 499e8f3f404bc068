import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '@bufbuild/protobuf';
import type { Relationship } from '@orgtrail/graph-model';
import type { ChangeKind, ScopeChange } from './change.js';
import type { GivenChange } from './changes.fixture.js';

/**
 * What the graph has to be, in memory and record by record: written from the design and not from the writer, to be compared with
 * the tables. It knows no SQL, no waves, no content hashes and no offsets.
 */

export interface ModelEntity {
  subject: string;
  type: string;
  displayName: string;
  accountId: string | null;
  properties: JsonObject;
  relationships: Relationship[];
  live: boolean;
  /** Of the last change of content, or of the ending. */
  version: bigint;
  endedReason: string | null;
}

interface ModelSubject {
  version: bigint;
  live: boolean;
  everLived: boolean;
  endedReason: string | null;
  /** What a live subject owns under; the subject itself where it owns no entity. */
  key: string | null;
  /** Of subjects without an entity. */
  relationships: Relationship[];
}

export interface ModelState extends Partial<Omit<ModelEntity, 'subject' | 'live' | 'version' | 'endedReason'>> {
  relationships: Relationship[];
}

export interface ModelHistoryRow {
  key: string;
  subject: string;
  version: bigint;
  kind: ChangeKind | 'CREATED or RETURNED';
  state: ModelState | null;
  /** Which batch made it, counted from 0. */
  batch: number;
}

export type Outcome = 'applied' | 'foreign' | 'none';

const isScopeChange = (change: GivenChange | ScopeChange): change is ScopeChange => 'removed' in change;

export class SmallModel {
  readonly entities = new Map<string, ModelEntity>();
  readonly subjects = new Map<string, ModelSubject>();
  readonly history: ModelHistoryRow[] = [];
  private scopeVersion = 0n;
  private purgedVersion = 0n;
  private closed = false;

  /** One batch in the order of the bus; answers what became of each record. */
  apply(changes: readonly (GivenChange | ScopeChange)[], batch: number): Outcome[] {
    const { open, purges, removals } = this.takeScopeChanges(changes);
    // An erasure goes before what stands in its batch, so that the history never has an address to be found later.
    for (const { version } of purges) this.purge(version);
    const outcomes = changes.map((change): Outcome => {
      if (isScopeChange(change) || !open.has(change)) return 'none';
      return this.applyOne(change, batch);
    });
    for (const removal of removals) this.remove(removal, batch);
    return outcomes;
  }

  private takeScopeChanges(changes: readonly (GivenChange | ScopeChange)[]) {
    const open = new Set<GivenChange>();
    const purges: ScopeChange[] = [];
    const removals: ScopeChange[] = [];
    for (const change of changes) {
      if (this.closed) continue;
      if (!isScopeChange(change)) {
        open.add(change);
        continue;
      }
      if (change.version <= this.scopeVersion) continue;
      this.scopeVersion = change.version;
      if (change.purgeEmail) purges.push(change);
      if (change.removed) {
        removals.push(change);
        this.closed = true;
      }
    }
    return { open, purges, removals };
  }

  private applyOne(change: GivenChange, batch: number): Outcome {
    const { subject, version, content } = change;
    const known = this.subjects.get(subject);
    if (known && version <= known.version) return 'none';
    if (content.case === 'ended') {
      this.end(subject, { version, reason: content.reason }, batch);
      return 'applied';
    }
    const key = content.entity?.key ?? subject;
    const standing = this.entities.get(key);
    if (standing?.live === true && standing.subject !== subject) return 'foreign';

    if (known?.live === true && known.key !== null && known.key !== key)
      this.endRow(known.key, { subject, version, reason: 'REPLACED' }, batch);
    const relationships = [...content.relationships].sort((left, right) => (left.key < right.key ? -1 : 1));
    const properties = { ...content.entity?.properties };
    if (version <= this.purgedVersion) delete properties['email'];
    const state: ModelState = content.entity
      ? {
          type: content.entity.type,
          displayName: content.entity.displayName,
          accountId: content.entity.accountId,
          properties,
          relationships,
        }
      : { relationships };
    const before = known?.live === true && known.key === key ? this.stateOf(key, known) : undefined;
    this.subjects.set(subject, {
      version,
      live: true,
      everLived: true,
      endedReason: null,
      key,
      relationships: content.entity ? [] : relationships,
    });
    if (isDeepStrictEqual(before, state)) return 'applied';
    if (content.entity) {
      this.entities.set(key, { ...content.entity, properties, relationships, subject, live: true, version, endedReason: null });
    }
    const kind = change.baseline ? 'BASELINE' : before ? 'UPDATED' : this.birthOf(key, subject);
    this.history.push({ key, subject, version, kind, state, batch });
    return 'applied';
  }

  /** Where a key passes from one subject to another, or a subject to another key, it is both. */
  private birthOf(key: string, subject: string): ModelHistoryRow['kind'] {
    const keyWas = this.history.some((row) => row.key === key);
    const subjectWas = this.history.some((row) => row.subject === subject);
    const isHandedOver = this.history.some((row) => (row.key === key) !== (row.subject === subject));
    if (isHandedOver && (keyWas || subjectWas)) return 'CREATED or RETURNED';
    return keyWas ? 'RETURNED' : 'CREATED';
  }

  private stateOf(key: string, subject: ModelSubject): ModelState {
    const entity = this.entities.get(key);
    if (!entity) return { relationships: subject.relationships };
    const { type, displayName, accountId, properties, relationships } = entity;
    return { type, displayName, accountId, properties, relationships };
  }

  private end(subject: string, { version, reason }: { version: bigint; reason: string }, batch: number): void {
    const known = this.subjects.get(subject);
    // Why something ended may be told after it ended.
    const owner = typeof known?.key === 'string' ? this.entities.get(known.key)?.subject : undefined;
    const isItsOwn = owner === undefined || owner === subject;
    const isTold = known?.live === true || (known?.everLived === true && known.endedReason !== reason && isItsOwn);
    if (isTold && known.key !== null) this.endRow(known.key, { subject, version, reason }, batch);
    this.subjects.set(subject, {
      version,
      live: false,
      everLived: known?.everLived ?? false,
      endedReason: reason,
      key: known?.key ?? null,
      relationships: known?.relationships ?? [],
    });
  }

  private endRow(
    key: string,
    { subject, version, reason }: { subject: string; version: bigint; reason: string },
    batch: number,
  ): void {
    const entity = this.entities.get(key);
    if (entity) this.entities.set(key, { ...entity, live: false, version, endedReason: reason });
    this.history.push({ key, subject, version, kind: 'ENDED', state: null, batch });
  }

  /** What was said up to a version loses its address, in what stands and in what stood. */
  private purge(version: bigint): void {
    this.purgedVersion = version > this.purgedVersion ? version : this.purgedVersion;
    for (const [key, entity] of this.entities) {
      const saidAt = this.subjects.get(entity.subject)?.version ?? entity.version;
      // Of a tombstone no later word can be meant.
      if (entity.live && saidAt > version) continue;
      this.entities.set(key, { ...entity, properties: withoutEmail(entity.properties) });
    }
    for (const row of this.history) {
      if (row.version <= version && row.state?.properties) {
        row.state = { ...row.state, properties: withoutEmail(row.state.properties) };
      }
    }
  }

  private remove(removal: ScopeChange, batch: number): void {
    for (const [subject, known] of this.subjects) {
      if (!known.live) continue;
      const version = known.version < removal.version ? removal.version : known.version + 1n;
      this.end(subject, { version, reason: 'INTEGRATION_REMOVED' }, batch);
    }
  }

  /** The live relationships by key, with their owners. */
  liveRelationships(): { key: string; owner: string; toKey: string; fromKey: string }[] {
    const owned = [
      ...[...this.entities.values()].filter(({ live }) => live).map(({ subject, relationships }) => ({ subject, relationships })),
      ...[...this.subjects].filter(([, { live }]) => live).map(([subject, { relationships }]) => ({ subject, relationships })),
    ];
    return owned.flatMap(({ subject, relationships }) =>
      relationships.map(({ key, fromKey, toKey }) => ({ key, owner: subject, fromKey, toKey })),
    );
  }

  /**
   * Keys that came to another subject by an older version than that of their ending before: their history, which is read by
   * versions, ends with the ending. No mapper gives one key to two subjects.
   */
  handedOverBackwards(): Set<string> {
    const newest = new Map<string, bigint>();
    const backwards = new Set<string>();
    for (const { key, version } of this.history) {
      if (version < (newest.get(key) ?? 0n)) backwards.add(key);
      else newest.set(key, version);
    }
    return backwards;
  }

  /** What stood under each key after a batch, from the history; `-1` is before the first. */
  statesAfter(batch: number): Map<string, ModelState> {
    const latest = new Map<string, ModelState | null>();
    for (const row of this.history) if (row.batch <= batch) latest.set(row.key, row.state);
    return new Map([...latest].filter((entry): entry is [string, ModelState] => entry[1] !== null));
  }
}

function withoutEmail({ email: _erased, ...properties }: JsonObject): JsonObject {
  return properties;
}
