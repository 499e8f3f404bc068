import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { retryTransient } from '@orgtrail/database';
import {
  inSpan,
  outcomeWindow,
  type Batch,
  type IncomingRecord,
  type Outcomes,
  type StandingPartitions,
} from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { appliedChange, type AppliedChange } from './applied-change.js';
import { applyBatch } from './apply-batch.js';
import { applyHalves, stageHalves, type ApplyHalvesOptions, type StagedHalves } from './apply-halves.js';
import type { AppliedBatch } from './applied-batch.js';
import { halvesOf } from './halves.js';
import type { ReadRecord } from './read-record.js';
import { parseDeadLetter } from './dead-letters/parse-dead-letter.js';
import { outcomesWithinBounds, TooManyDeadLetters } from './dead-letters/poison-policy.js';
import type { GraphWriterMetrics } from './graph-writer-metrics.js';
import { readChange } from './read-change.js';
import { ContractViolation } from './record-failure.js';
import { appliedOffset, type BusPosition } from './sql/consumer-offsets.js';
import { openDeadLetters } from './sql/open-dead-letters.js';
import { stageAhead, type StagedAhead } from './stage-ahead.js';

export interface BatchHandlerOptions {
  pool: pg.Pool;
  group: string;
  logger: Logger;
  metrics: GraphWriterMetrics;
  /** Told which partitions stand still for too many dead letters. */
  standing: StandingPartitions;
  onApplied?: ((changes: AppliedChange[]) => void) | undefined;
  onCommitted?: (() => void) | undefined;
}

/** Staged ahead at once, of all partitions: each keeps a connection while it waits, and those that are waited for need theirs. */
const mostAhead = 4;

// About a minute: a restart of Postgres is waited for, and what takes longer is somebody's to see.
const databaseAttempts = 25;

/** While the database works: far below the time after which a silent consumer loses its partitions. */
const heartbeatMs = 3_000;

/** Handles the batches of both topics, of each partition as many at once as it is given. Returns only after everything in the batch is committed. */
export function createBatchHandler({
  pool,
  group,
  logger,
  metrics,
  standing,
  onApplied,
  onCommitted,
}: BatchHandlerOptions): (batch: Batch) => Promise<void> {
  /** Of partitions without an open dead letter: where there is one, the database is asked, since an operator may have resolved it. */
  const outcomesByPartition = new Map<string, Outcomes>();
  const waiting = new Set<StagedAhead>();
  const inHand = new Set<Batch>();

  const stageIfRoom = (batch: Batch, records: readonly ReadRecord[]): Staged | undefined => {
    const room = mostAhead - waiting.size;
    // Of several partitions each has a backend of its own anyway.
    const isAlone = [...inHand].every(({ topic, partition }) => topic === batch.topic && partition === batch.partition);
    const halves = room > 1 && isAlone ? halvesOf(records) : undefined;
    if (halves === undefined && room < 1) return undefined;
    const staged: Staged = halves ? stageHalves(pool, halves) : { main: stageAhead(pool, records) };
    for (const part of partsOf(staged)) waiting.add(part);
    return staged;
  };
  const discard = async (staged: Staged | undefined): Promise<void> => {
    for (const part of partsOf(staged)) {
      waiting.delete(part);
      await part.discard();
    }
  };

  const report = (position: BusPosition, applied: AppliedBatch): void => {
    metrics.applied(applied);
    const { topic, partition } = position;
    for (const letter of applied.deadLetters) {
      const { code, message: reason } = letter;
      logger.error(
        { topic: letter.topic, partition: letter.partition, offset: letter.offset.toString(), group: letter.group, code, reason },
        'A record cannot be processed and becomes a dead letter',
      );
    }
    if (applied.topicBeganAnew) {
      logger.warn(
        { topic, partition },
        'The topic begins anew: its records are taken although their offsets were applied before',
      );
    }
    if (applied.replayed > 0)
      logger.info({ topic, partition, records: applied.replayed }, 'Records that were applied before came again');
    if (applied.closed > 0)
      logger.info({ topic, partition, records: applied.closed }, 'Records of a removed integration were dropped');
    if (applied.made.length > 0) onCommitted?.();
    if (applied.made.length === 0 || onApplied === undefined) return;
    try {
      onApplied(applied.made.map((row) => appliedChange(row, applied.appliedAt)));
    } catch (error) {
      // They are committed: whoever only wanted to know must not bring them back.
      logger.error({ err: error }, 'A listener of applied changes failed');
    }
  };

  /** Whether it went well. What went wrong is looked at in one transaction, where one can tell which record it was. */
  const inHalves = async (staged: StagedHalves, options: ApplyHalvesOptions): Promise<boolean> => {
    try {
      await applyHalves(staged, options);
      return true;
    } catch (error) {
      if (error instanceof TooManyDeadLetters) throw error;
      // Not the error: it may quote the record.
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      logger.info({ ...options.position, code }, 'The halves of a batch could not be applied at once; it is applied whole');
      return false;
    }
  };

  return async (batch) => {
    const position: BusPosition = { group, topic: batch.topic, partition: batch.partition };
    const name = `${batch.topic}/${batch.partition}`;
    const withRetries = <T>(work: () => Promise<T>): Promise<T> =>
      retryTransient(
        async () => {
          // Throws when the partition was lost: the records are somebody else's then.
          await batch.heartbeat();
          return work();
        },
        {
          attempts: databaseAttempts,
          signal: batch.signal,
          onRetry: (error, attempt) =>
            logger.warn({ ...position, attempt, err: error }, 'The database does not answer; trying again'),
        },
      );

    const apply = async (records: readonly ReadRecord[], staged?: Staged): Promise<void> => {
      let ahead = staged;
      try {
        const known = outcomesByPartition.get(name) ?? (await withRetries(() => storedOutcomes(pool, position)));
        let outcomes = known;
        const judge = (added: Outcomes): void => {
          outcomes = outcomesWithinBounds(known, added);
        };
        const told = (applied: AppliedBatch): void => {
          report(position, applied);
        };
        const attempt = async (): Promise<void> => {
          const once = ahead;
          ahead = undefined;
          for (const part of partsOf(once)) waiting.delete(part);
          const options = { position, records, now: new Date(), judge, wantsDetails: onApplied !== undefined };
          if (once?.halves && (await inHalves(once, { ...options, onCommitted: told }))) return;
          told(await applyBatch(pool, { ...options, ahead: once?.halves ? undefined : once?.main }));
        };
        const attributes = { 'orgtrail.records': records.length };
        await inSpan({ name: 'apply graph changes', attributes }, () => whileHeld(batch, () => withRetries(attempt)));
        if (outcomes.every((code) => code === null)) outcomesByPartition.set(name, outcomes);
        else outcomesByPartition.delete(name);
      } finally {
        await discard(ahead);
      }
    };

    /** What the partition may still lose is applied, so that it can be looked at; before the rest the partition stands still. */
    const applyAllowed = async (records: readonly ReadRecord[], staged?: Staged): Promise<void> => {
      try {
        await apply(records, staged);
      } catch (error) {
        if (!(error instanceof TooManyDeadLetters)) throw error;
        if (error.allowed > 0) await apply(records.slice(0, -error.refused));
        const { topic, partition } = batch;
        const offset = records.at(-error.refused)?.record.offset ?? 0n;
        standing.standAt({ topic, partition, offset, reason: error.message });
        throw error;
      }
    };

    inHand.add(batch);
    let staged: Staged | undefined;
    try {
      // While Postgres applies the batch before, this one is read and staged.
      const records = await readRecords(batch);
      if (standing.of(batch) === undefined) staged = stageIfRoom(batch, records);
      await batch.before;
      // The record before which it stands is tried alone: mostly in vain, and all behind it would be written and taken back each time.
      const stand = standing.of(batch);
      const tried = stand ? records.findIndex(({ record }) => record.offset === stand.offset) + 1 : 0;
      if (tried > 0) {
        await applyAllowed(records.slice(0, tried));
        standing.goOn(batch);
      }
      if (tried < records.length) await applyAllowed(records.slice(tried), tried === 0 ? staged : undefined);
      standing.goOn(batch);
    } finally {
      inHand.delete(batch);
      await discard(staged);
    }
  };
}

/** Records whose changes were staged ahead: in one transaction, or in two. */
type Staged = StagedHalves | { halves?: never; main: StagedAhead };

const partsOf = (staged: Staged | undefined): StagedAhead[] =>
  staged ? [staged.main, ...(staged.halves ? [staged.aside] : [])] : [];

/** Tells the bus meanwhile that its consumer lives. What goes wrong with that the bus remembers, and the commit finds out. */
async function whileHeld<T>(batch: Batch, work: () => Promise<T>): Promise<T> {
  const beating = setInterval(() => void batch.heartbeat().catch(() => undefined), heartbeatMs);
  try {
    return await work();
  } finally {
    clearInterval(beating);
  }
}

/** So many are read before others have their turn: whoever waits for Postgres meanwhile goes on. */
const readAtOnce = 100;

async function readRecords({ topic, records }: Batch): Promise<ReadRecord[]> {
  const read: ReadRecord[] = [];
  for (const record of records) {
    if (read.length % readAtOnce === readAtOnce - 1) await yieldToOthers();
    read.push(readRecord(topic, record));
  }
  return read;
}

function readRecord(topic: string, record: IncomingRecord): ReadRecord {
  try {
    if (topic === topics.deadLetters) return { record, letter: parseDeadLetter(record.value) };
    const change = readChange(record.value);
    return 'read' in change ? { record, change } : { record, scopeChange: change };
  } catch (error) {
    if (error instanceof ContractViolation) return { record, failure: error.failure };
    throw error;
  }
}

/** The outcomes of a partition's last records as the database knows them, so that a restart does not forget how sick it looked. */
async function storedOutcomes(pool: pg.Pool, position: BusPosition): Promise<Outcomes> {
  const next = (await appliedOffset(pool, position)) ?? 0n;
  const length = next < BigInt(outcomeWindow) ? Number(next) : outcomeWindow;
  const first = next - BigInt(length);
  const dead = await openDeadLetters(pool, position, first);
  return Array.from({ length }, (_, index) => dead.get(first + BigInt(index)) ?? null);
}
