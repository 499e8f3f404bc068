import { inTransaction, retryTransient } from '@orgtrail/database';
import type pg from 'pg';

/**
 * A transaction of an operator, repeated when it stood in the way of a merge (a deadlock is resolved by ending one of the two) or when
 * the connection broke before it was committed.
 */
export function transact<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return retryTransient(() => inTransaction(pool, work), { attempts: 5 });
}
