import type pg from 'pg';
import type { AppliedBatch } from './applied-batch.js';
import type { ApplyBatchOptions } from './apply-batch.js';
import { applyHalves, stageHalves } from './apply-halves.js';
import { halvesOf } from './halves.js';

/** Applies records in two halves however few they are, as the handler of batches does it with many. Undefined where they are of one scope, or concern a whole one. */
export async function applyInHalves(
  pool: pg.Pool,
  options: Omit<ApplyBatchOptions, 'ahead' | 'beforeCommit'> & { onCommitted?: (applied: AppliedBatch) => void },
): Promise<AppliedBatch[] | undefined> {
  const halves = halvesOf(options.records, 1);
  if (halves === undefined) return undefined;
  const committed: AppliedBatch[] = [];
  const onCommitted = (applied: AppliedBatch): void => {
    committed.push(applied);
    options.onCommitted?.(applied);
  };
  await applyHalves(stageHalves(pool, halves), { ...options, onCommitted });
  return committed;
}
