import { entityContent, relationshipContent, type PresentContent, type StoredCause } from './change.js';
import type { EntityRow, RowsToWrite, StoredEntity, StoredRelationship, StoredRows } from './rows.js';

/** An entity while a batch is planned. `written` says how it has to be stored, if at all. */
interface WorkingEntity extends StoredEntity {
  written?: { as: 'changed' | 'confirmed'; version: bigint; endedReason: string | null; cause: StoredCause | null };
}

/** The rows of one subject while a batch is planned, tombstones included. */
export interface SubjectRows {
  readonly scope: string;
  readonly subject: string;
  /** Undefined: never heard of. */
  version: bigint | undefined;
  live: boolean;
  everLive: boolean;
  endedReason: string | null;
  readonly entities: ReadonlyMap<string, StoredEntity>;
  readonly relationships: ReadonlyMap<string, StoredRelationship>;
}

interface WorkingSubject extends SubjectRows {
  readonly entities: Map<string, WorkingEntity>;
  readonly relationships: Map<string, StoredRelationship>;
  advanced: boolean;
  /** The subject version that last replaced or ended the relationships in this batch. */
  relationshipsVersion: bigint | undefined;
}

/** What a change makes of its subject. */
export type Outcome =
  | { case: 'confirmed'; version: bigint; live: boolean; endedReason: string | null }
  | { case: 'replaced'; version: bigint; content: PresentContent; cause: StoredCause | null }
  | { case: 'ended'; version: bigint; endedReason: string; cause: StoredCause | null };

export interface WorkingRows {
  subject(scope: string, subject: string): SubjectRows;
  /** The subject that owns a key and lives. */
  liveOwnerOf(kind: OwnedKind, scope: string, key: string): string | undefined;
  apply(scope: string, subject: string, outcome: Outcome): void;
  toWrite(): RowsToWrite;
}

export type OwnedKind = 'entities' | 'relationships';

// Neither part can hold a NUL: they were made storable.
const joined = (scope: string, name: string): string => `${scope}\0${name}`;

/** The stored rows as the changes of a batch, one after the other, alter them. */
export function createWorkingRows(stored: StoredRows): WorkingRows {
  const subjects = new Map<string, WorkingSubject>();
  const owners = { entities: new Map<string, WorkingSubject>(), relationships: new Map<string, WorkingSubject>() };

  const subjectOf = (scope: string, subject: string): WorkingSubject => {
    const id = joined(scope, subject);
    let found = subjects.get(id);
    if (!found) {
      found = {
        scope,
        subject,
        version: undefined,
        live: false,
        everLive: false,
        endedReason: null,
        entities: new Map(),
        relationships: new Map(),
        advanced: false,
        relationshipsVersion: undefined,
      };
      subjects.set(id, found);
    }
    return found;
  };
  /** A key that belonged to an ended subject changes its owner. */
  const take = (owner: WorkingSubject, kind: OwnedKind, key: string): void => {
    const before = owners[kind].get(joined(owner.scope, key));
    if (before !== owner) before?.[kind].delete(key);
    owners[kind].set(joined(owner.scope, key), owner);
  };

  for (const { scope, subject, version, live, everLive } of stored.subjects) {
    Object.assign(subjectOf(scope, subject), { version, live, everLive });
  }
  for (const entity of stored.entities) {
    const owner = subjectOf(entity.scope, entity.subject);
    owner.entities.set(entity.key, { ...entity });
    take(owner, 'entities', entity.key);
  }
  for (const relationship of stored.relationships) {
    const owner = subjectOf(relationship.scope, relationship.owner);
    owner.relationships.set(relationship.key, relationship);
    take(owner, 'relationships', relationship.key);
  }

  const replace = (rows: WorkingSubject, { version, content, cause }: Extract<Outcome, { case: 'replaced' }>): void => {
    const key = content.entity?.key;
    for (const entity of rows.entities.values()) {
      if (entity.key !== key && entity.live) endEntity(entity, { version, endedReason: 'REPLACED', cause });
    }
    if (content.entity) {
      take(rows, 'entities', content.entity.key);
      rows.entities.set(content.entity.key, {
        ...entityContent(content.entity),
        scope: rows.scope,
        subject: rows.subject,
        live: true,
        written: { as: 'changed', version, endedReason: null, cause },
      });
    }
    for (const old of rows.relationships.keys()) owners.relationships.delete(joined(rows.scope, old));
    rows.relationships.clear();
    for (const relationship of content.relationships) {
      take(rows, 'relationships', relationship.key);
      rows.relationships.set(relationship.key, {
        ...relationshipContent(relationship),
        scope: rows.scope,
        owner: rows.subject,
        live: true,
      });
    }
    rows.relationshipsVersion = version;
  };

  return {
    subject: subjectOf,
    liveOwnerOf: (kind, scope, key) => {
      const owner = owners[kind].get(joined(scope, key));
      return owner?.live === true ? owner.subject : undefined;
    },
    apply: (scope, subject, outcome) => {
      const rows = subjectOf(scope, subject);
      rows.advanced = true;
      rows.version = outcome.version;
      rows.live = outcome.case === 'confirmed' ? outcome.live : outcome.case === 'replaced';
      rows.everLive ||= rows.live;
      rows.endedReason = outcome.case === 'replaced' ? null : outcome.endedReason;
      switch (outcome.case) {
        case 'confirmed':
          for (const entity of rows.entities.values()) if (entity.live === rows.live) confirmEntity(entity, outcome.version);
          return;
        case 'replaced':
          replace(rows, outcome);
          return;
        case 'ended':
          for (const entity of rows.entities.values()) {
            if (entity.live) endEntity(entity, outcome);
            else confirmEntity(entity, outcome.version);
          }
          for (const [key, relationship] of rows.relationships) rows.relationships.set(key, { ...relationship, live: false });
          rows.relationshipsVersion = outcome.version;
      }
    },
    toWrite: () => toWrite([...subjects.values()]),
  };
}

function confirmEntity(entity: WorkingEntity, version: bigint): void {
  entity.written = { as: 'confirmed', endedReason: null, cause: null, ...entity.written, version };
}

function endEntity(
  entity: WorkingEntity,
  { version, endedReason, cause }: { version: bigint; endedReason: string; cause: StoredCause | null },
): void {
  entity.live = false;
  entity.written = { as: 'changed', version, endedReason, cause };
}

/** Sorted by scope and key: two writers never lock the same rows in different orders. */
function toWrite(subjects: readonly WorkingSubject[]): RowsToWrite {
  const advanced = subjects.filter((rows) => rows.advanced);
  const entities = advanced.flatMap((rows) => [...rows.entities.values()]);
  const changed = entities.flatMap((entity): EntityRow[] => {
    if (entity.written?.as !== 'changed') return [];
    const { version, endedReason, cause } = entity.written;
    const { scope, subject, live } = entity;
    return [{ ...entityContent(entity), scope, subject, live, version, endedReason, cause }];
  });
  const confirmed = entities.flatMap(({ scope, key, written }) =>
    written?.as === 'confirmed' ? [{ scope, key, version: written.version }] : [],
  );
  const replaced = advanced.flatMap((rows) =>
    rows.relationshipsVersion === undefined ? [] : [{ rows, version: rows.relationshipsVersion }],
  );
  return {
    subjects: sortedBy(
      advanced.map(({ scope, subject, version = 0n, live, everLive, endedReason }) => {
        return { scope, subject, version, live, everLive, endedReason };
      }),
      ({ subject }) => subject,
    ),
    entities: sortedBy(changed, ({ key }) => key),
    confirmed: sortedBy(confirmed, ({ key }) => key),
    owners: sortedBy(
      replaced.map(({ rows }) => ({ scope: rows.scope, owner: rows.subject })),
      ({ owner }) => owner,
    ),
    relationships: sortedBy(
      replaced.flatMap(({ rows, version }) => [...rows.relationships.values()].map((row) => ({ ...row, version }))),
      ({ key }) => key,
    ),
  };
}

function sortedBy<T extends { scope: string }>(rows: T[], nameOf: (row: T) => string): T[] {
  const ordered = rows.map((row) => ({ row, order: joined(row.scope, nameOf(row)) }));
  return ordered.sort((left, right) => (left.order < right.order ? -1 : left.order > right.order ? 1 : 0)).map(({ row }) => row);
}
