import { inTransaction } from '@orgtrail/database';
import type pg from 'pg';
import { boundIdleTime } from './sql/bound-idle-time.js';

/**
 * A transaction that holds locks others wait for. A process that freezes in the middle, or whose network does, must not hold them for
 * ever: after `idleMs` without a word from it, Postgres ends it.
 */
export async function inBriefTransaction<T>(
  pool: pg.Pool,
  idleMs: number,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  return inTransaction(pool, async (client) => {
    await boundIdleTime(client, idleMs);
    return work(client);
  });
}
