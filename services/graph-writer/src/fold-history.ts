import { inTransaction } from '@orgtrail/database';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import {
  buildBaseline,
  eraseFromBaseline,
  hasRowsBefore,
  lockFolded,
  markHistoryFrom,
  swapHistory,
  unpublishedBefore,
  versionOf,
  type Fold,
  type FoldedScope,
} from './sql/baseline-of-history.js';
import { historyPartitions } from './sql/history-partitions.js';
import { lockFolding } from './sql/lock-folding.js';

export interface FoldingOptions {
  /** The time is the earlier of this and what the database's clock says: one wrong clock drops nothing. */
  now: Date;
  /** So many months before this one are kept whole. */
  months: number;
  /** Whether the history is published: then nothing is dropped before that. */
  feedIsOn: boolean;
  /** Ends the folding; nothing of it was done then. */
  signal?: AbortSignal | undefined;
  /** For tests: awaited when the baseline is built and nobody waits yet. */
  beforeSwap?: () => Promise<void>;
  /** For tests: awaited when everything is done and nothing is committed. */
  beforeCommit?: (client: pg.PoolClient) => Promise<void>;
}

/** `unpublished`: scopes that keep later months than asked for, because the feed has not published them. */
export type Folding =
  /** Nothing is older, or somebody else is at it. */
  | { outcome: 'nothing'; unpublished: string[] }
  | { outcome: 'folded'; until: Date; dropped: string[]; rows: { kept: number; folded: number }; unpublished: string[] };

/** How long everybody may have to wait for a swap that does not come about. */
const swapWithinMs = 2_000;
const swapAttempts = 10;
const betweenSwapsMs = 3_000;

/** The first moment, in UTC, of the month that is so many before that of a time. Pure. */
function monthBefore(time: Date, months: number): Date {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() - months, 1));
}

/**
 * Drops the months of the history that are older, with all that they tell but the last state of each key: that is the baseline on which the kept months stand,
 * so that `graph.as_of` still knows everything of every time that is kept, and names the earliest for others. All of it or nothing, whatever happens.
 * A month of which the feed has not published everything stays, and those after it. Nobody waits for it but for the swap at the end.
 */
export async function foldHistory(pool: pg.Pool, options: FoldingOptions): Promise<Folding> {
  return inTransaction(pool, async (client) => {
    const endCancelling = await cancelOn(options.signal, pool, client);
    try {
      return await foldLocked(client, options);
    } finally {
      await endCancelling();
    }
  });
}

async function foldLocked(client: pg.PoolClient, options: FoldingOptions): Promise<Folding> {
  const { months, feedIsOn, signal, beforeSwap, beforeCommit } = options;
  await client.query(`SET LOCAL statement_timeout = 0`);
  if (!(await lockFolding(client))) return { outcome: 'nothing', unpublished: [] };
  const wanted = monthBefore(await earlierClock(client, options.now), months);
  if (!(await findFold(client, wanted))) return { outcome: 'nothing', unpublished: [] };
  const behind = await unpublishedBefore(client, wanted, { feedIsOn });
  const unpublished = behind.map(({ scope }) => scope);
  const until = behind.map(({ since }) => monthBefore(since, 0)).reduce((one, other) => (one < other ? one : other), wanted);
  const fold = await findFold(client, until);
  if (!fold) return { outcome: 'nothing', unpublished };

  const folded = await buildBaseline(client, fold);
  await beforeSwap?.();
  await swapWithPatience(client, fold, { folded, signal });
  await beforeCommit?.(client);
  const sum = (count: (of: FoldedScope) => number): number => folded.reduce((all, of) => all + count(of), 0);
  const rows = { kept: sum(({ kept }) => kept), folded: sum((of) => of.rows) };
  return { outcome: 'folded', until, dropped: fold.old.map(({ name }) => name), rows, unpublished };
}

async function earlierClock(client: pg.PoolClient, now: Date): Promise<Date> {
  const { rows } = await client.query<{ now: Date }>(`SELECT least($1::timestamptz, clock_timestamp()) AS now`, [now]);
  return rows[0]?.now ?? now;
}

/** Undefined where nothing is older, or was folded already. */
async function findFold(client: pg.PoolClient, until: Date): Promise<Fold | undefined> {
  const cutoff = versionOf(until);
  const partitions = await historyPartitions(client);
  const old = partitions.filter((partition) => partition.until !== undefined && partition.until <= cutoff);
  // A baseline of this time or a later one: fewer months were kept before.
  const isCovered = partitions.some(
    ({ name, until: end }) => name.startsWith('changes_until_') && end !== undefined && end >= cutoff,
  );
  if (isCovered || !(await hasRowsBefore(client, until))) return undefined;
  return { baseline: `changes_until_${until.toISOString().slice(0, 7).replace('-', '_')}`, until, old };
}

/** Tries again where somebody reads or writes for long: those who came behind go first then. */
async function swapWithPatience(
  client: pg.PoolClient,
  fold: Fold,
  { folded, signal }: { folded: readonly FoldedScope[]; signal: AbortSignal | undefined },
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await client.query('SAVEPOINT swap');
    try {
      await client.query(`SET LOCAL statement_timeout = ${swapWithinMs}`);
      await lockFolded(client, folded);
      await client.query(`SET LOCAL statement_timeout = 0`);
      await eraseFromBaseline(client, fold, folded);
      await markHistoryFrom(client, folded);
      await swapHistory(client, fold);
      return;
    } catch (error) {
      const { code } = error as { code?: string };
      const isBusy = code === '57014' || code === '40P01';
      if (!isBusy || signal?.aborted || attempt >= swapAttempts) throw error;
      await client.query('ROLLBACK TO SAVEPOINT swap');
      await delay(betweenSwapsMs, undefined, { signal });
    }
  }
}

/** Has Postgres end what the connection does when the signal is aborted. What it returns calls that off, and resolves when no such call is under way. */
async function cancelOn(signal: AbortSignal | undefined, pool: pg.Pool, client: pg.PoolClient): Promise<() => Promise<void>> {
  if (!signal) return async () => undefined;
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  let cancelled: Promise<unknown> = Promise.resolve();
  const cancel = (): void => {
    cancelled = pool.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid]).catch(() => undefined);
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', cancel, { once: true });
  return async () => {
    signal.removeEventListener('abort', cancel);
    await cancelled;
  };
}
