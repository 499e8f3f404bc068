import { isDeepStrictEqual } from 'node:util';
import {
  entityContent,
  relationshipContent,
  type ChangeKind,
  type EntityContent,
  type IncomingChange,
  type PresentContent,
  type RelationshipContent,
  type StoredCause,
  type StoredState,
} from './change.js';
import type { RecordFailure } from './record-failure.js';
import type { RowsToWrite, StoredRows } from './rows.js';
import { createWorkingRows, type Outcome, type SubjectRows, type WorkingRows } from './working-rows.js';

export interface HistoryRow {
  scope: string;
  /** The entity's; the subject's where it owns no entity. */
  key: string;
  subject: string;
  type: string;
  version: bigint;
  kind: ChangeKind;
  before: StoredState | null;
  /** `null` after an ending. */
  after: StoredState | null;
  cause: StoredCause | null;
  observedAt: Date;
}

export interface BatchPlan extends RowsToWrite {
  /** One row for each key that a change altered, in the order of the batch. */
  history: HistoryRow[];
  /** Changes that altered nothing but a version. */
  unchanged: number;
  /** Changes that are not newer than what is stored. */
  stale: number;
  /** Changes that can never be applied, by their index in the batch. */
  refused: { index: number; failure: RecordFailure }[];
}

/**
 * What a batch of changes, in order, makes of the stored rows. Pure. `stored` holds every row of the touched subjects, and the
 * rows of the incoming keys with their owners, whoever that is.
 *
 * A change counts only if its version is greater than the subject's (invariants 1 and 9). Whether it *alters* anything is decided
 * by the rows themselves and not by the change before: a row that somebody altered by hand is healed, and the healing is history.
 */
export function planBatch(stored: StoredRows, changes: readonly IncomingChange[]): BatchPlan {
  const rows = createWorkingRows(stored);
  const history: HistoryRow[] = [];
  const refused: BatchPlan['refused'] = [];
  let [unchanged, stale] = [0, 0];

  for (const [index, change] of changes.entries()) {
    const subject = rows.subject(change.scope, change.subject);
    if (subject.version !== undefined && change.version <= subject.version) {
      stale += 1;
      continue;
    }
    if (isOwnedByAnother(change, rows)) {
      const message = 'Another live subject owns the entity or one of the relationships.';
      refused.push({ index, failure: { code: 'OWNED_BY_ANOTHER_SUBJECT', message } });
      continue;
    }
    const altered = historyOf(subject, change);
    history.push(...altered);
    if (altered.length === 0) unchanged += 1;
    rows.apply(change.scope, change.subject, outcomeOf(change, altered.length > 0));
  }
  return { ...rows.toWrite(), history, unchanged, stale, refused };
}

function isOwnedByAnother({ scope, subject, content }: IncomingChange, rows: WorkingRows): boolean {
  if (content.case === 'ended') return false;
  const owners = [
    ...(content.entity ? [rows.liveOwnerOf('entities', scope, content.entity.key)] : []),
    ...content.relationships.map(({ key }) => rows.liveOwnerOf('relationships', scope, key)),
  ];
  return owners.some((owner) => owner !== undefined && owner !== subject);
}

function outcomeOf({ version, content, cause }: IncomingChange, alters: boolean): Outcome {
  const endedReason = content.case === 'ended' ? content.reason : null;
  if (!alters) return { case: 'confirmed', version, live: content.case === 'present', endedReason };
  return content.case === 'present'
    ? { case: 'replaced', version, content, cause }
    : { case: 'ended', version, endedReason: content.reason, cause };
}

/** What a change alters, as rows of the history; empty when the stored rows say all of it already. */
function historyOf(rows: SubjectRows, change: IncomingChange): HistoryRow[] {
  const { content } = change;
  const before = statesByKey(rows);
  const row = (key: string, kind: ChangeKind, after: StoredState | null): HistoryRow => ({
    scope: change.scope,
    key,
    subject: change.subject,
    type: after?.type ?? before.get(key)?.type ?? rows.entities.get(key)?.type ?? kindOfSubject(change.subject),
    version: change.version,
    kind,
    before: before.get(key) ?? null,
    after,
    cause: change.cause,
    observedAt: change.observedAt,
  });

  if (content.case === 'ended') {
    if (!isAlive(rows)) return [];
    const [anyKey] = rows.entities.keys();
    return (before.size > 0 ? [...before.keys()] : [anyKey ?? change.subject]).map((key) => row(key, 'ENDED', null));
  }
  if (!isDifferent(rows, content)) return [];
  const key = content.entity?.key ?? change.subject;
  const oldKeys = [...before.keys()].filter((old) => old !== key && old !== change.subject);
  return [
    // A subject whose key changed (a new management account renames the organization's): what stood under the old key ends.
    ...oldKeys.map((old) => row(old, 'ENDED', null)),
    row(
      key,
      kindOfPresence(rows, change, { key, wasElsewhere: oldKeys.length > 0 }),
      stateOf(content.entity, content.relationships),
    ),
  ];
}

function kindOfPresence(
  rows: SubjectRows,
  { baseline }: IncomingChange,
  { key, wasElsewhere }: { key: string; wasElsewhere: boolean },
): ChangeKind {
  if (baseline) return 'BASELINE';
  if (wasElsewhere && rows.entities.get(key)?.live !== true) return rows.entities.has(key) ? 'RETURNED' : 'CREATED';
  if (isAlive(rows)) return 'UPDATED';
  return rows.everLive || rows.entities.size > 0 ? 'RETURNED' : 'CREATED';
}

function isAlive(rows: SubjectRows): boolean {
  return rows.live || [...rows.entities.values(), ...rows.relationships.values()].some(({ live }) => live);
}

function isDifferent(rows: SubjectRows, content: PresentContent): boolean {
  const entities = [...rows.entities.values()].filter(({ live }) => live).map(entityContent);
  const relationships = [...rows.relationships.values()];
  return (
    !rows.live ||
    relationships.some(({ live }) => !live) ||
    !isDeepStrictEqual(entities, content.entity ? [entityContent(content.entity)] : []) ||
    !isDeepStrictEqual(
      sortedByKey(relationships.map(relationshipContent)),
      sortedByKey(content.relationships.map(relationshipContent)),
    )
  );
}

/** The states of what lives now, by history key. A subject's relationships belong to its one entity, or stand for themselves. */
function statesByKey(rows: SubjectRows): Map<string, StoredState> {
  const relationships = [...rows.relationships.values()].filter(({ live }) => live).map(relationshipContent);
  const entities = [...rows.entities.values()].filter(({ live }) => live);
  if (entities.length > 0) return new Map(entities.map((entity) => [entity.key, stateOf(entity, relationships)]));
  // An entity that is not live while its subject is was altered by hand: there is nothing to compare with under its key.
  if (!rows.live || rows.entities.size > 0) return new Map<string, StoredState>();
  return new Map([[rows.subject, stateOf(null, relationships)]]);
}

function stateOf(entity: EntityContent | null, relationships: readonly RelationshipContent[]): StoredState {
  const sorted = sortedByKey(relationships);
  if (entity === null) return { relationships: sorted };
  const { key: _key, ...content } = entityContent(entity);
  return { ...content, relationships: sorted };
}

/** `delegation` of `delegation:111122223333`: the type of what has no entity. */
function kindOfSubject(subject: string): string {
  return subject.split(':', 1)[0] ?? subject;
}

function sortedByKey<T extends { key: string }>(rows: readonly T[]): T[] {
  return [...rows].sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
}
