import { inTransaction } from '@orgtrail/database';
import { BusError, type Bus } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import type pg from 'pg';
import { feedRecord } from './feed-record.js';
import { movePosition, scopesBehind, type ScopeBehind } from './sql/feed-position.js';
import { readHistory } from './sql/read-history.js';

export interface PublishingOptions {
  pool: pg.Pool;
  bus: Bus;
  /** Ends the publishing between two pages. */
  signal: AbortSignal;
  onPublished(rows: number): void;
}

const pageSize = 500;

/**
 * Publishes what the history has and the feed has not, each scope in its order, page by page: the position moves after the bus's acknowledgement, so a
 * crash between the two repeats a page and skips nothing. Resolves to how many rows it published; rejects when all scopes had their turn and one has a change that the
 * bus does not take.
 */
export async function publishFeed(options: PublishingOptions): Promise<number> {
  let published = 0;
  const stuck = new Map<string, unknown>();
  for (const behind of await scopesBehind(options.pool)) {
    try {
      published += await publishScope(options, behind);
    } catch (error) {
      if (!isOfRecord(error)) throw error;
      stuck.set(behind.scope, error);
    }
  }
  const [first] = stuck.values();
  if (first !== undefined) {
    throw new Error(`A change of ${[...stuck.keys()].join(', ')} cannot be published; the other scopes go on`, { cause: first });
  }
  return published;
}

/** What the bus takes of others it does not take of this one, now or ever. */
function isOfRecord(error: unknown): boolean {
  return error instanceof RangeError || (error instanceof BusError && error.code === 'RECORD_TOO_LARGE');
}

async function publishScope({ pool, bus, signal, onPublished }: PublishingOptions, behind: ScopeBehind): Promise<number> {
  const { scope } = behind;
  let { published } = behind;
  let isWhole = false;
  let count = 0;
  await inTransaction(pool, async (client) => {
    for await (const rows of readHistory(client, behind, pageSize)) {
      if (signal.aborted) return;
      const last = rows.at(-1);
      if (last === undefined) continue;
      await bus.publish(topics.graphFeed, rows.map(feedRecord));
      const to = { at: last.at, version: last.version, key: last.key };
      isWhole = rows.length < pageSize;
      // Somebody else publishes the same: what he has published is his to go on from.
      if (!(await movePosition(pool, { scope, published, to, isWhole }))) return;
      published = to;
      count += rows.length;
      onPublished(rows.length);
    }
    if (published && !isWhole) await movePosition(pool, { scope, published, to: published, isWhole: true });
  });
  return count;
}
