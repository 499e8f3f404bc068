import { inTransaction } from '@orgtrail/database';
import type pg from 'pg';
import { deleteSome, finishPurge, lockPurged, scopesToPurge } from './sql/purge-scope.js';

const rowsAtOnce = 500;

export interface PurgingOptions {
  /** Ends the purge between two transactions. It goes on from there the next time. */
  signal: AbortSignal;
  onPurged?: (scope: string, rows: number) => void;
}

/**
 * Deletes everything of the scopes that are to be purged, some rows in a transaction: entities, subjects, history, dead letters. Safe when many do it at
 * once, and when they are killed. Resolves to how many rows went.
 */
export async function purgeScopes(pool: pg.Pool, { signal, onPurged }: PurgingOptions): Promise<number> {
  let all = 0;
  for (const scope of await scopesToPurge(pool)) {
    let gone = 0;
    for (let some = 1; some > 0 && !signal.aborted; gone += some) {
      some = await inTransaction(pool, async (client) => {
        if (!(await lockPurged(client, scope))) return 0;
        for (const what of ['entities', 'subjects'] as const) {
          const count = await deleteSome(client, scope, { what, atMost: rowsAtOnce });
          if (count > 0) return count;
        }
        await finishPurge(client, scope);
        onPurged?.(scope, gone);
        return 0;
      });
    }
    all += gone;
  }
  return all;
}
