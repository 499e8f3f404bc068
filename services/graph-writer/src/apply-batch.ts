import { inTransaction, isPoison } from '@orgtrail/database';
import type { Outcomes } from '@orgtrail/messaging';
import type pg from 'pg';
import { appliedBatch, touchedScopes, type AppliedBatch } from './applied-batch.js';
import { freshRecords, storeOffsetBehind } from './fresh-records.js';
import type { ReadRecord } from './read-record.js';
import { lockPosition, type BusPosition } from './sql/consumer-offsets.js';
import { insertDeadLetters } from './sql/insert-dead-letters.js';
import { lockScopes } from './sql/lock-scopes.js';
import type { StagedAhead } from './stage-ahead.js';
import type { StagedChanges } from './stage-changes.js';
import { scopesOf, writeRecords } from './write-records.js';

export interface ApplyBatchOptions {
  position: BusPosition;
  /** Of one partition, in offset order, at least one. */
  records: readonly ReadRecord[];
  now: Date;
  /** Told before the commit what becomes of the records that were not applied before, the last ones of the batch. Throws to prevent it. */
  judge?: (outcomes: Outcomes) => void;
  /** Whether more is wanted of the rows of the history than their kinds: `appliedChange` needs it. By default it is not. */
  wantsDetails?: boolean;
  /** For tests: awaited when all is written and nothing is committed. */
  beforeCommit?: () => Promise<void>;
  /** The changes of these records, staged already. */
  ahead?: StagedAhead | undefined;
}

/**
 * Applies records of one partition in one transaction: rows, history, dead letters and the offset behind them are there together or
 * not at all. Locks the scopes first and the partition's offset after them; whoever applies the same records again finds nothing to do.
 */
export async function applyBatch(pool: pg.Pool, options: ApplyBatchOptions): Promise<AppliedBatch> {
  const { ahead } = options;
  try {
    if (ahead) return await ahead.run((client, staged) => applyLocked(client, { ...options, isolating: false, staged }));
    return await inTransaction(pool, (client) => applyLocked(client, { ...options, isolating: false }));
  } catch (error) {
    // Nearly never, and dear: Postgres cannot even read one of them, and which it is has to be found.
    if (!isPoison(error)) throw error;
    return await inTransaction(pool, (client) => applyLocked(client, { ...options, isolating: true }));
  }
}

async function applyLocked(
  client: pg.PoolClient,
  options: ApplyBatchOptions & { isolating: boolean; staged?: StagedChanges },
): Promise<AppliedBatch> {
  const { position, records, now, judge, wantsDetails = false, isolating, staged } = options;
  const names = scopesOf(records);
  const scopes = await lockScopes(client, names);
  const { offset, at } = await lockPosition(client, position, names);
  const { fresh, topicBeganAnew } = freshRecords(records, offset);
  const written = await writeRecords(client, fresh, { position, scopes, at, now, wantsDetails, isolating, staged });
  judge?.(fresh.map((read) => written.codes.get(read) ?? null));
  const deadLetters = await insertDeadLetters(client, written.letters);
  const before = topicBeganAnew ? undefined : offset;
  await storeOffsetBehind(client, { position, fresh, before, touched: { scopes: touchedScopes(written.made), at } });
  await options.beforeCommit?.();
  return appliedBatch(written, { at, deadLetters, replayed: records.length - fresh.length, topicBeganAnew });
}
