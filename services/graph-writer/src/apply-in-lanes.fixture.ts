import type pg from 'pg';
import type { AppliedBatch } from './applied-batch.js';
import type { ApplyBatchOptions } from './apply-batch.js';
import { applyLanes, longestLockWaitMs } from './apply-lanes.js';
import { lanesOf } from './lanes.js';
import type { ReadRecord } from './read-record.js';
import { stageAhead } from './stage-ahead.js';

/** Applies records in two lanes however few they are, as the handler of batches does it with many. Undefined where they are of one scope, or concern a whole one. */
export async function applyInLanes(
  pool: pg.Pool,
  options: Omit<ApplyBatchOptions, 'ahead' | 'beforeCommit'> & { onCommitted?: (applied: AppliedBatch) => void },
): Promise<AppliedBatch[] | undefined> {
  const lanes = lanesOf(options.records, 1);
  if (lanes === undefined) return undefined;
  const stage = (records: readonly ReadRecord[]) =>
    stageAhead(
      pool,
      records.flatMap((read) => ('change' in read ? [read.change] : [])),
      { longestLockWaitMs },
    );
  const committed: AppliedBatch[] = [];
  const onCommitted = (applied: AppliedBatch): void => {
    committed.push(applied);
    options.onCommitted?.(applied);
  };
  await applyLanes({ lanes, aside: stage(lanes.aside), main: stage(lanes.main) }, { ...options, onCommitted });
  return committed;
}
