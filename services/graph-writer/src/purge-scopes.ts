import { inTransaction } from '@orgtrail/database';
import type pg from 'pg';
import { holdOffFolding } from './sql/lock-folding.js';
import { deleteSome, finishPurge, lockPurged, scopesToPurge } from './sql/purge-scope.js';

const rowsAtOnce = 500;

export interface PurgingOptions {
  /** Ends the purge between two transactions. It goes on from there the next time. */
  signal: AbortSignal;
  /** Told after the commit. */
  onPurged?: (scope: string, rows: number) => void;
}

/**
 * Deletes everything of the scopes that are to be purged, some rows in a transaction: entities, subjects, history, dead letters. Safe when many do it at
 * once, and when they are killed. Resolves to how many rows went; what cannot go now, because old months of the history are being dropped, goes the next time.
 */
export async function purgeScopes(pool: pg.Pool, { signal, onPurged }: PurgingOptions): Promise<number> {
  let all = 0;
  for (const scope of await scopesToPurge(pool)) {
    let gone = 0;
    for (let some = 1; some > 0 && !signal.aborted; gone += some) {
      const { rows, isLast } = await inTransaction(pool, (client) => purgeSome(client, scope));
      some = rows;
      if (isLast) onPurged?.(scope, gone);
    }
    all += gone;
  }
  return all;
}

async function purgeSome(client: pg.PoolClient, scope: string): Promise<{ rows: number; isLast: boolean }> {
  // Before the scope: folding has it first and locks the scopes at last, and each would wait for the other.
  if (!(await holdOffFolding(client)) || !(await lockPurged(client, scope))) return { rows: 0, isLast: false };
  for (const what of ['entities', 'subjects'] as const) {
    const rows = await deleteSome(client, scope, { what, atMost: rowsAtOnce });
    if (rows > 0) return { rows, isLast: false };
  }
  await finishPurge(client, scope);
  return { rows: 0, isLast: true };
}
