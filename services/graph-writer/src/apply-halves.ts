import type pg from 'pg';
import { appliedBatch, touchedScopes, type AppliedBatch } from './applied-batch.js';
import type { ApplyBatchOptions } from './apply-batch.js';
import { freshRecords, storeOffsetBehind } from './fresh-records.js';
import type { Halves } from './halves.js';
import type { ReadRecord } from './read-record.js';
import { lockPosition } from './sql/consumer-offsets.js';
import { insertDeadLetters } from './sql/insert-dead-letters.js';
import { lockScopes, storeAppliedAt, timeOfScopes } from './sql/lock-scopes.js';
import { stageAhead, type StagedAhead } from './stage-ahead.js';
import { scopesOf, writeRecords, type WrittenRecords } from './write-records.js';

/** Halves whose changes wait in their transactions (`stageHalves`). */
export interface StagedHalves {
  halves: Halves;
  aside: StagedAhead;
  main: StagedAhead;
}

export interface ApplyHalvesOptions extends Omit<ApplyBatchOptions, 'ahead' | 'beforeCommit'> {
  /** Told of each half when it is committed. */
  onCommitted: (applied: AppliedBatch) => void;
}

/** Whoever waits longer for a lock may be waited for by its own other half, which Postgres cannot see. */
const longestLockWaitMs = 2_000;

export function stageHalves(pool: pg.Pool, halves: Halves): StagedHalves {
  const stage = (half: readonly ReadRecord[]): StagedAhead => stageAhead(pool, half, { longestLockWaitMs });
  return { halves, aside: stage(halves.aside), main: stage(halves.main) };
}

/**
 * Applies records of one partition in two transactions at once, each of which locks the scopes that it writes. Neither is committed before both are written and
 * judged. The one aside is committed first, and the main one has the offset behind all of them: what a crash between the two leaves is read again, and is not
 * newer than what is there. Throws where one of them fails: then neither is committed, or the one aside only, which has been told.
 */
export async function applyHalves({ halves, ...staged }: StagedHalves, options: ApplyHalvesOptions): Promise<void> {
  const { position, records, now, judge, wantsDetails = false, onCommitted } = options;
  const writing = { position, now, wantsDetails, isolating: false };
  const locked = Promise.withResolvers<ReadonlySet<ReadRecord>>();
  const written = Promise.withResolvers<WrittenRecords>();
  const judged = Promise.withResolvers<undefined>();
  const stopTheOther = (error: unknown): void => {
    for (const meeting of [locked, written, judged]) {
      meeting.reject(error);
      meeting.promise.catch(() => undefined);
    }
  };

  const aside = staged.aside.run(async (client, changes) => {
    // The main half locks first: two writers of the same records follow each other.
    const fresh = await locked.promise;
    const own = halves.aside.filter((read) => fresh.has(read));
    const names = scopesOf(halves.aside);
    const scopes = await lockScopes(client, names);
    const at = await timeOfScopes(client, names);
    const done = await writeRecords(client, own, { ...writing, scopes, at, staged: changes });
    const deadLetters = await insertDeadLetters(client, done.letters);
    await storeAppliedAt(client, touchedScopes(done.made), at);
    written.resolve(done);
    await judged.promise;
    return appliedBatch(done, { at, deadLetters, replayed: halves.aside.length - own.length, topicBeganAnew: false });
  });
  const committedAside = aside.then(onCommitted);

  const main = staged.main.run(async (client, changes) => {
    const names = scopesOf(halves.main);
    const scopes = await lockScopes(client, names);
    const { offset, at } = await lockPosition(client, position, names);
    const { fresh, topicBeganAnew } = freshRecords(records, offset);
    const isFresh = new Set(fresh);
    locked.resolve(isFresh);
    const own = halves.main.filter((read) => isFresh.has(read));
    const done = await writeRecords(client, own, { ...writing, scopes, at, staged: changes });
    const { codes } = await written.promise;
    judge?.(fresh.map((read) => done.codes.get(read) ?? codes.get(read) ?? null));
    const deadLetters = await insertDeadLetters(client, done.letters);
    const before = topicBeganAnew ? undefined : offset;
    await storeOffsetBehind(client, { position, fresh, before, touched: { scopes: touchedScopes(done.made), at } });
    judged.resolve(undefined);
    await committedAside;
    return appliedBatch(done, { at, deadLetters, replayed: halves.main.length - own.length, topicBeganAnew });
  });

  aside.catch(stopTheOther);
  main.catch(stopTheOther);
  const outcomes = await Promise.allSettled([committedAside, main.then(onCommitted)]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
