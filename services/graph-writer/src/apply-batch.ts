import { inTransaction } from '@orgtrail/database';
import type pg from 'pg';
import { appliedChange, type AppliedChange } from './applied-change.js';
import type { IncomingChange } from './change.js';
import { deadLetterOf, type DeadLetter } from './dead-letters/dead-letter.js';
import type { Outcomes } from './dead-letters/poison-policy.js';
import { withoutErasedEmail } from './erase-email.js';
import { planBatch, type BatchPlan, type HistoryRow } from './plan-batch.js';
import type { ReadRecord } from './read-record.js';
import { endingsOf, integrationRemoved, scopeOf, takeScopeChanges } from './scope-changes.js';
import { appendHistory } from './sql/append-history.js';
import { closeScope, eraseEmail } from './sql/change-scope.js';
import { lockOffset, storeOffset, type AppliedOffset, type BusPosition } from './sql/consumer-offsets.js';
import { insertDeadLetters } from './sql/insert-dead-letters.js';
import { lockScopes } from './sql/lock-scopes.js';
import { lockStoredRows } from './sql/lock-stored-rows.js';
import { replaceRelationships } from './sql/replace-relationships.js';
import { confirmEntities, storeEntities } from './sql/store-entities.js';
import { storeSubjects } from './sql/store-subjects.js';
import { touchScopes } from './sql/touch-scopes.js';

export interface AppliedBatch {
  changes: AppliedChange[];
  /** Changes that altered nothing but a version. */
  unchanged: number;
  /** Not newer than what is stored. */
  stale: number;
  /** Records of removed integrations, which are dropped. */
  closed: number;
  /** Records that were applied before: a replay after a crash. */
  replayed: number;
  /** Those that were not known before. */
  deadLetters: DeadLetter[];
  /** True when the topic begins anew under an offset that was applied long ago. */
  topicBeganAnew: boolean;
}

export interface ApplyBatchOptions {
  position: BusPosition;
  /** Of one partition, in offset order, at least one. */
  records: readonly ReadRecord[];
  now: Date;
  /** Told before the commit what becomes of the records that were not applied before, the last ones of the batch. Throws to prevent it. */
  judge?: (outcomes: Outcomes) => void;
}

/**
 * Applies records of one partition in one transaction: rows, history, dead letters and the offset behind them are there together or
 * not at all. Locks the scopes first and the partition's offset after them; whoever applies the same records again finds nothing to do.
 */
export async function applyBatch(pool: pg.Pool, { position, records, now, judge }: ApplyBatchOptions): Promise<AppliedBatch> {
  return inTransaction(pool, async (client) => {
    const { closed, emailPurged, at } = await lockScopes(client, scopesOf(records));
    const offset = await lockOffset(client, position);
    const { fresh, topicBeganAnew } = withoutReplayed(records, offset);
    const { open, accepted, stale } = await takeScopeChanges(client, fresh, { closed, at });

    // Erased before the changes are written, which lose their addresses on the way: the history never has one to be found later.
    const purged = new Map(emailPurged);
    for (const change of accepted.filter(({ purgeEmail }) => purgeEmail)) {
      await eraseEmail(client, change);
      purged.set(change.scope, change.version);
    }
    const toApply = open.filter((read) => 'change' in read);
    const plan = await writeChanges(
      client,
      toApply.map(({ change }) => withoutErasedEmail(change, purged.get(change.scope))),
      at,
    );
    const endings: HistoryRow[] = [];
    for (const removal of accepted.filter(({ removed }) => removed)) {
      endings.push(...(await writeChanges(client, await endingsOf(client, removal), at)).history);
      await closeScope(client, removal, { reason: integrationRemoved, at });
    }
    const refusals = new Map(plan.refused.map(({ index, failure }) => [toApply[index]?.record, failure]));
    const failureOf = (read: ReadRecord) => ('failure' in read ? read.failure : refusals.get(read.record));
    judge?.(fresh.map((read) => failureOf(read)?.code ?? null));

    const letters = open.flatMap((read) => {
      const failure = failureOf(read);
      if (failure) return [deadLetterOf(position, read.record, failure, now)];
      return 'letter' in read ? [read.letter] : [];
    });
    const deadLetters = await insertDeadLetters(client, letters);
    const last = fresh.at(-1)?.record;
    if (last)
      await storeOffset(client, position, { nextOffset: last.offset + 1n, lastRecordAt: newest(fresh, offset, topicBeganAnew) });

    const appliedAt = new Date(at);
    return {
      changes: [...plan.history, ...endings].map((row) => appliedChange(row, appliedAt)),
      unchanged: plan.unchanged,
      stale: plan.stale + stale,
      closed: fresh.length - open.length,
      replayed: records.length - fresh.length,
      deadLetters,
      topicBeganAnew,
    };
  });
}

/** Plans against the stored rows of what the changes touch, and writes what the plan says. */
async function writeChanges(client: pg.PoolClient, changes: readonly IncomingChange[], at: string): Promise<BatchPlan> {
  const present = changes.flatMap(({ scope, content }) => (content.case === 'present' ? [{ scope, content }] : []));
  const stored = await lockStoredRows(client, {
    subjects: distinct(changes.map(({ scope, subject }) => ({ scope, subject }))),
    entityKeys: distinct(present.flatMap(({ scope, content }) => (content.entity ? [{ scope, key: content.entity.key }] : []))),
    relationshipKeys: distinct(present.flatMap(({ scope, content }) => content.relationships.map(({ key }) => ({ scope, key })))),
  });
  const plan = planBatch(stored, changes);
  await storeSubjects(client, plan.subjects, at);
  await storeEntities(client, plan.entities, at);
  await confirmEntities(client, plan.confirmed);
  await replaceRelationships(client, plan.owners, plan.relationships, at);
  await appendHistory(client, plan.history, at);
  await touchScopes(client, [...new Set(plan.history.map(({ scope }) => scope))], at);
  return plan;
}

function scopesOf(records: readonly ReadRecord[]): string[] {
  return [...new Set(records.flatMap((read) => scopeOf(read) ?? []))].sort();
}

/**
 * Below the stored offset a record was applied before. Unless the bus took it later than the last record that was applied: then the
 * topic was created anew, or the bus is another one, and its offsets began at 0 again. Should that be misjudged, the subjects'
 * versions still see to it that nothing is applied twice.
 */
function withoutReplayed(
  records: readonly ReadRecord[],
  offset: AppliedOffset | undefined,
): { fresh: readonly ReadRecord[]; topicBeganAnew: boolean } {
  if (!offset) return { fresh: records, topicBeganAnew: false };
  const below = records.filter(({ record }) => record.offset < offset.nextOffset);
  const topicBeganAnew = below.some(({ record }) => record.timestamp > offset.lastRecordAt);
  return {
    fresh: topicBeganAnew ? records : records.filter(({ record }) => record.offset >= offset.nextOffset),
    topicBeganAnew,
  };
}

function newest(records: readonly ReadRecord[], offset: AppliedOffset | undefined, topicBeganAnew: boolean): number {
  // Clocks of producers differ: the newest time counts, not the last.
  const times = records.map(({ record }) => record.timestamp);
  return Math.max(...times, topicBeganAnew || !offset ? 0 : offset.lastRecordAt);
}

function distinct<T extends object>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
