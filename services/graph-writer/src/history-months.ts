import { inTransaction } from '@orgtrail/database';
import type pg from 'pg';
import { createPartition, lockMissingPartition, type HistoryMonth } from './sql/create-partition.js';

const monthsAhead = 2;

/** The month of `now` and those that follow, in UTC. Pure. */
export function historyMonths(now: Date): HistoryMonth[] {
  return Array.from({ length: monthsAhead + 1 }, (_, ahead) => {
    const start = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1));
    const end = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);
    const month = String(start.getUTCMonth() + 1).padStart(2, '0');
    return {
      name: `changes_${start.getUTCFullYear()}_${month}`,
      from: BigInt(start.getTime()) * 1000n,
      until: BigInt(end) * 1000n,
    };
  });
}

/** Creates the history's partitions that are missing for this month and the next two; safe when many writers do it at once. Returns their names. */
export async function ensureHistoryPartitions(pool: pg.Pool, now: Date): Promise<string[]> {
  const created: string[] = [];
  for (const month of historyMonths(now)) {
    const isNew = await inTransaction(pool, async (client) => {
      if (!(await lockMissingPartition(client, month))) return false;
      await createPartition(client, month);
      return true;
    });
    if (isNew) created.push(month.name);
  }
  return created;
}
