import { inTransaction } from '@orgtrail/database';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import {
  buildBaseline,
  defaultHasRowsBefore,
  lockFolding,
  lockOldHistory,
  markHistoryFrom,
  swapHistory,
  unpublishedScopes,
  type Fold,
} from './sql/baseline-of-history.js';
import { historyPartitions } from './sql/history-partitions.js';

export interface FoldingOptions {
  now: Date;
  /** So many months before this one are kept whole. */
  months: number;
  /** Whether the history is published: then nothing is dropped before that. */
  feedIsOn: boolean;
  /** Ends the folding; nothing of it was done then. */
  signal?: AbortSignal | undefined;
  /** For tests: awaited when everything is done and nothing is committed. */
  beforeCommit?: (client: pg.PoolClient) => Promise<void>;
}

export type Folding =
  /** Nothing is older, or somebody else is at it. */
  | { outcome: 'nothing' }
  /** These scopes have older history that the feed has not published. */
  | { outcome: 'waits-for-feed'; scopes: string[]; until: Date }
  | { outcome: 'folded'; until: Date; dropped: string[]; rows: { kept: number; folded: number } };

/** How long everybody may have to wait for a swap that does not come about. */
const swapWithinMs = 2_000;
const swapAttempts = 10;
const betweenSwapsMs = 3_000;

/** The first moment of the oldest month that is kept whole, in UTC. Pure. */
function historyCutoff(now: Date, months: number): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1));
}

/**
 * Drops the months of the history that are older, with all that they tell but the last state of each key: that is the baseline on which the kept months stand,
 * so that `graph.as_of` still knows everything of every time that is kept, and names the earliest for others. All of it or nothing, whatever happens.
 * Writers of rows as old wait until it is done, and all others as long as the swap takes.
 */
export async function foldHistory(pool: pg.Pool, options: FoldingOptions): Promise<Folding> {
  const until = historyCutoff(options.now, options.months);
  return inTransaction(pool, async (client) => {
    const endCancelling = await cancelOn(options.signal, pool, client);
    try {
      return await foldBefore(client, until, options);
    } finally {
      endCancelling();
    }
  });
}

async function foldBefore(
  client: pg.PoolClient,
  until: Date,
  { feedIsOn, signal, beforeCommit }: FoldingOptions,
): Promise<Folding> {
  await client.query(`SET LOCAL statement_timeout = 0`);
  await client.query(`SET LOCAL lock_timeout = ${swapWithinMs}`);
  if (!(await lockFolding(client))) return { outcome: 'nothing' };
  const cutoff = BigInt(until.getTime()) * 1000n;
  const partitions = await historyPartitions(client);
  const old = partitions.filter((partition) => partition.until !== undefined && partition.until <= cutoff);
  const isFolded = (name: string): boolean => name.startsWith('changes_until_');
  const isNews = old.some(({ name }) => !isFolded(name)) || (await defaultHasRowsBefore(client, cutoff));
  // A baseline of a later time: fewer months were kept before.
  const isCovered = partitions.some(({ name, until: end }) => isFolded(name) && end !== undefined && end >= cutoff);
  if (!isNews || isCovered) return { outcome: 'nothing' };

  const fold: Fold = { baseline: `changes_until_${until.toISOString().slice(0, 7).replace('-', '_')}`, cutoff, old };
  await lockOldHistory(client, fold);
  const scopes = await unpublishedScopes(client, fold, { feedIsOn });
  if (scopes.length > 0) return { outcome: 'waits-for-feed', scopes, until };
  const rows = await buildBaseline(client, fold);
  await swapWithPatience(client, fold, signal);
  await beforeCommit?.(client);
  return { outcome: 'folded', until, dropped: old.map(({ name }) => name), rows };
}

/** Tries again where somebody reads or writes for long: those who came behind go first then. */
async function swapWithPatience(client: pg.PoolClient, fold: Fold, signal: AbortSignal | undefined): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await client.query('SAVEPOINT swap');
    try {
      await markHistoryFrom(client, fold);
      await swapHistory(client, fold);
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      const isBusy = code === '55P03' || code === '40P01';
      if (!isBusy || attempt >= swapAttempts) throw error;
      await client.query('ROLLBACK TO SAVEPOINT swap');
      await delay(betweenSwapsMs, undefined, { signal });
    }
  }
}

/** Has Postgres end what the connection does when the signal is aborted. Returns how that is called off. */
async function cancelOn(signal: AbortSignal | undefined, pool: pg.Pool, client: pg.PoolClient): Promise<() => void> {
  if (!signal) return () => undefined;
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const cancel = (): void => void pool.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => undefined);
  signal.throwIfAborted();
  signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}
