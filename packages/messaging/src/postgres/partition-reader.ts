import { isTransient } from '@orgtrail/database';
import type pg from 'pg';
import { createBackoff, levelOf, pause, type Backoff } from '../backoff.js';
import { describeError } from '../describe-error.js';
import type { BusLogger, ConsumeOptions, IncomingRecord } from '../port.js';
import { createAlarm } from './alarm.js';
import { busErrorOf, partitionLost } from './bus-error-of.js';
import { commitOffset, isHeld, type Claim } from './sql/group-offsets.js';
import { readRecords } from './sql/read-records.js';
import { maxFetchBytes } from './tuning.js';

const DEFAULT_BATCH_SIZE = 500;
/** At the end, the commit of a handled batch that finds no database is given up after this long: its records come again. */
const LAST_COMMIT_MS = 5_000;

export interface PartitionReader {
  readonly claim: Claim;
  /** Called with the partition's next offset: there may be something to read. */
  wake: (head?: bigint) => void;
  /** Ends after the batch in hand is handled and committed. */
  surrender: () => void;
  /** Somebody else holds the partition: no commit will succeed any more. */
  lose: () => void;
  /** The claim was seen to hold by a question asked then (`performance.now()`): the answer may have waited, as in a process that was frozen. */
  confirm: (askedAt: number) => void;
  /** Resolves when nothing of this partition is being handled any more; rejects with what makes it impossible to go on. */
  ended: Promise<void>;
}

/** Reads one partition in order, handles batch after batch, and commits each. */
export function readPartition({
  pool,
  claim,
  startAt,
  leaseMs,
  options: { onBatch, maxBatchSize = DEFAULT_BATCH_SIZE },
  logger,
}: {
  pool: pg.Pool;
  claim: Claim;
  startAt: bigint;
  leaseMs: number;
  options: ConsumeOptions;
  logger: BusLogger;
}): PartitionReader {
  const { topic, partition } = claim;
  const about = { group: claim.group, topic, partition };
  const ending = new AbortController();
  const isEnding = (): boolean => ending.signal.aborted;
  const givingUp = new AbortController();
  ending.signal.addEventListener('abort', () => setTimeout(() => givingUp.abort(), LAST_COMMIT_MS).unref());
  const news = createAlarm();
  let position = startAt;
  let confirmedAt = performance.now();
  let lost = false;

  const lose = (): void => {
    if (!lost) logger.warn({ ...about, offset: position.toString() }, 'The partition was lost to another consumer');
    lost = true;
    ending.abort();
  };

  const heartbeat = async (): Promise<void> => {
    const askedAt = performance.now();
    if (!lost && askedAt - confirmedAt < leaseMs / 3) return;
    const held = !lost && (await isHeld(pool, claim).catch((error: unknown) => Promise.reject(busErrorOf(error, 'heartbeat'))));
    if (!held) {
      lose();
      throw partitionLost();
    }
    confirmedAt = askedAt;
  };

  /** Asks the database until it answers. `undefined`: given up, because the signal was aborted. */
  const untilAnswered = async <T>(doing: string, work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> => {
    const backoff = createBackoff();
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isTransient(error)) throw busErrorOf(error, doing);
        if (signal.aborted) return undefined;
        const waitMs = backoff.nextMs();
        logger.warn({ ...about, waitMs, error: describeError(error) }, `The database is away: ${doing} is tried again`);
        await pause(waitMs, signal);
      }
    }
  };

  const handle = async (records: IncomingRecord[], backoff: Backoff): Promise<void> => {
    try {
      await onBatch({ topic, partition, records, before: Promise.resolve(), heartbeat, signal: ending.signal });
    } catch (error) {
      if (lost) return;
      const waitMs = backoff.nextMs();
      logger[levelOf(backoff.attempts)](
        { ...about, offset: position.toString(), attempts: backoff.attempts, waitMs, error: describeError(error) },
        'Handling a batch failed, the same records come again',
      );
      await pause(waitMs, ending.signal);
      return;
    }
    backoff.reset();
    const next = (records.at(-1)?.offset ?? position) + 1n;
    const committed = await untilAnswered('committing an offset', () => commitOffset(pool, claim, next), givingUp.signal);
    if (committed === true) position = next;
    else if (committed === false) lose();
  };

  const read = async (): Promise<void> => {
    const backoff = createBackoff({ firstMs: 200 });
    while (!isEnding()) {
      const records = await untilAnswered(
        'reading records',
        () => readRecords(pool, { topic, partition, offset: position, maxRecords: maxBatchSize, maxBytes: maxFetchBytes }),
        ending.signal,
      );
      if (records === undefined || isEnding()) return;
      const first = records[0];
      if (!first) {
        await news.wait(ending.signal);
        continue;
      }
      if (first.offset > position && position > 0n) {
        const missed = (first.offset - position).toString();
        logger.warn({ ...about, offset: position.toString(), missed }, 'Records were deleted by retention before they were read');
      }
      position = first.offset;
      await handle(records, backoff);
    }
  };

  return {
    claim,
    wake: (head) => {
      if (head === undefined || head > position) news.ring();
    },
    surrender: () => ending.abort(),
    lose,
    confirm: (askedAt) => {
      confirmedAt = Math.max(confirmedAt, askedAt);
    },
    ended: read(),
  };
}
