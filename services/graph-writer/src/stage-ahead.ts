import { inTransaction } from '@orgtrail/database';
import type pg from 'pg';
import type { ReadRecord } from './read-record.js';
import { waitForLocksAtMost } from './sql/lock-scopes.js';
import { stageChanges, type StagedChanges } from './stage-changes.js';

/** Changes that wait in a transaction of their own, staged, until those before them are committed. */
export interface StagedAhead {
  /** Does the work in that transaction, and commits it. Once. */
  run<T>(work: (client: pg.PoolClient, staged: StagedChanges) => Promise<T>): Promise<T>;
  /** Ends the transaction without any. */
  discard(): Promise<void>;
}

type Work = (client: pg.PoolClient, staged: StagedChanges) => Promise<unknown>;

/**
 * Stages the changes of records while Postgres is still busy with others: it holds no lock, and takes a connection of its own. `longestLockWaitMs`: so long the
 * work may wait for a lock.
 */
export function stageAhead(
  pool: pg.Pool,
  records: readonly ReadRecord[],
  { longestLockWaitMs }: { longestLockWaitMs?: number } = {},
): StagedAhead {
  const work = Promise.withResolvers<Work>();
  const done = inTransaction(pool, async (client) => {
    if (longestLockWaitMs !== undefined) await waitForLocksAtMost(client, longestLockWaitMs);
    const changes = records.flatMap((read) => ('change' in read ? [read.change] : []));
    const staged = await stageChanges(client, changes, { isolating: false });
    return (await work.promise)(client, staged);
  });
  // Whoever runs it is told, even if it failed before.
  done.catch(() => undefined);
  work.promise.catch(() => undefined);
  return {
    run: <T>(given: (client: pg.PoolClient, staged: StagedChanges) => Promise<T>) => {
      work.resolve(given);
      return done as Promise<T>;
    },
    discard: async () => {
      work.reject(new Error('What was staged is not needed.'));
      await done.catch(() => undefined);
    },
  };
}
