import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { databaseTime } from './sql/database-time.js';
import { askFullSync } from './sql/sync-asks.js';
import { fullSyncsSince } from './sql/sync-runs.js';

/** What is due waits for a full sync that was asked for because it is the cheapest read of all of it. */
export interface SyncCover {
  /** Waits for a full sync that begins from now on. Resolves to false where that is no good: the last one failed, or took too long. */
  begin(): Promise<boolean>;
  /** Looks how the sync went. To be called often. */
  look(): Promise<void>;
  /** What was asked for until then waits; undefined: nothing does. */
  until(): Date | undefined;
}

/** A full sync that is not done by then keeps nobody waiting any more. */
const longestMs = 300_000;
const lookEveryMs = 1_000;

export function createSyncCover(options: { pool: pg.Pool; integrationId: string; logger: Logger; now(): number }): SyncCover {
  const { pool, integrationId, logger, now } = options;
  let waiting: { until: Date; since: number } | undefined;
  /** Nobody waits again before a sync that began after this has succeeded. */
  let distrustedSince: Date | undefined;
  let lookedAt = -Infinity;

  return {
    begin: async () => {
      if (waiting) return true;
      if (distrustedSince) return false;
      const until = await databaseTime(pool);
      // Also where one runs or is asked for: what runs by now has noted what it answers, and this asking outlives it.
      await askFullSync(pool, integrationId, 'mass change');
      waiting = { until, since: now() };
      logger.info('So much is due that a full sync is the cheapest read');
      return true;
    },
    look: async () => {
      const since = waiting?.until ?? distrustedSince;
      if (since === undefined || now() - lookedAt < lookEveryMs) return;
      lookedAt = now();
      const { succeeded, failed } = await fullSyncsSince(pool, integrationId, since);
      if (succeeded) {
        waiting = undefined;
        distrustedSince = undefined;
      } else if (waiting && (failed || now() - waiting.since >= longestMs)) {
        distrustedSince = waiting.until;
        waiting = undefined;
        logger.warn({ failed }, 'The full sync that much waits for is not done, so that is read without it');
      }
    },
    until: () => waiting?.until,
  };
}
