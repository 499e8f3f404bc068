import type pg from 'pg';
import { pause } from '../backoff.js';
import { describeError } from '../describe-error.js';
import type { BusLogger } from '../port.js';
import { inBriefTransaction } from './brief-transaction.js';
import { deleteExpiredRecords, tryLockRetention } from './sql/retention.js';

const RECORDS_AT_ONCE = 2_000;
const IDLE_MS = 10_000;

/** Deletes old records every now and then, whether they were read or not, as Kafka does. One process at a time; any of them. */
export function keepRetention(pool: pg.Pool, everyMs: number, logger: BusLogger): { close: () => Promise<void> } {
  const closing = new AbortController();

  const sweep = async (): Promise<void> => {
    let deleted = 1;
    while (deleted > 0 && !closing.signal.aborted) {
      deleted = await inBriefTransaction(pool, IDLE_MS, async (client) =>
        (await tryLockRetention(client)) ? deleteExpiredRecords(client, RECORDS_AT_ONCE) : 0,
      );
    }
  };
  const running = (async () => {
    while (!closing.signal.aborted) {
      await sweep().catch((error: unknown) => {
        logger.warn({ error: describeError(error) }, 'Old records of the bus were not deleted, the next round tries again');
      });
      await pause(everyMs, closing.signal);
    }
  })();
  return {
    close: async () => {
      closing.abort();
      await running;
    },
  };
}
