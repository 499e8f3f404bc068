import { migrate } from '@orgtrail/database';
import { BusError, createStandingPartitions, describeStand, type Bus, type Consumption } from '@orgtrail/messaging';
import { consumerGroups, topics } from '@orgtrail/proto';
import { DegradedError, startLoop, type Component, type Logger, type Loop, type Metrics } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { AppliedChange } from './applied-change.js';
import { TooManyDeadLetters } from './dead-letters/poison-policy.js';
import { createGraphWriterMetrics } from './graph-writer-metrics.js';
import { createBatchHandler } from './handle-batch.js';
import { ensureHistoryPartitions } from './history-months.js';
import { foldHistory } from './fold-history.js';
import { migrations } from './migrations/index.js';
import { purgeScopes } from './purge-scopes.js';
import { deleteResolvedDeadLetters } from './sql/delete-resolved-dead-letters.js';
import { grantReaders } from './sql/grant-readers.js';

export interface GraphWriterOptions {
  bus: Bus;
  pool: pg.Pool;
  logger: Logger;
  meter: Metrics['meter'];
  /** Consumer group. */
  group?: string;
  /** Told after the commit about every change that made a row of the history. Not told again after a crash between the two. */
  onApplied?: (changes: AppliedChange[]) => void;
  /** After so many days resolved dead letters are deleted. By default 7. */
  deadLetterDays?: number;
  /** So many months of history before this one are kept whole. Undefined: all. */
  historyMonths?: number | undefined;
  /** Whether the history is published: then nothing of it is dropped before that. By default it is. */
  feedIsOn?: boolean;
  /** Told after the commit of anything that made history. */
  onCommitted?: () => void;
}

const partitions = 6;
/** More than a fetch of a backlog brings; without one they are applied as they come. */
const largestBatch = 5_000;
/** The next is read and staged while Postgres is busy with the last. */
const batchesInHand = 2;
const upkeepMs = 6 * 60 * 60 * 1000;
const purgeRestMs = 2_000;

/**
 * Reads graph changes and dead letters, and writes schema `graph`. The bus's offset moves after the commit; the writer's own offset
 * is part of it. `done` rejects when the writer cannot go on: a database that stays away, a missing permission, a full disk. A partition with too many dead
 * letters stands still alone, and is tried again every few seconds: an operator's answer needs the API, and counts at once.
 */
export function createGraphWriter(options: GraphWriterOptions): Component {
  const { bus, pool, logger, meter, group = consumerGroups.graphWriter, onApplied, onCommitted, deadLetterDays = 7 } = options;
  const { historyMonths, feedIsOn = true } = options;
  const metrics = createGraphWriterMetrics(meter);
  const standing = createStandingPartitions(logger);
  const handleBatch = createBatchHandler({ pool, group, logger, metrics, standing, onApplied, onCommitted });
  let consumption: Consumption | undefined;
  let upkeepTimer: NodeJS.Timeout | undefined;
  let upkeep = Promise.resolve();
  const stopping = new AbortController();
  let purging: Loop | undefined;
  let done: Promise<void> | undefined;
  let reading = false;
  let endGauges: (() => void)[] = [];

  // What does not fit a month's partition goes to the default one: a failure here is nothing to stop for.
  const preparePartitions = async (): Promise<void> => {
    try {
      const created = await ensureHistoryPartitions(pool, new Date());
      if (created.length > 0) logger.info({ partitions: created }, 'Partitions of the history created');
    } catch (error) {
      logger.warn(
        { err: error },
        'Partitions of the history could not be created; the default partition takes the rows meanwhile',
      );
    }
  };

  const dropOldHistory = async (): Promise<void> => {
    if (historyMonths === undefined) return;
    try {
      const folding = await foldHistory(pool, { now: new Date(), months: historyMonths, feedIsOn, signal: stopping.signal });
      const { unpublished, ...done } = folding;
      if (done.outcome === 'folded') {
        logger.info(done, 'Old months of the history were dropped; the last state of each key stays as the baseline');
      }
      if (unpublished.length > 0) {
        logger.warn(
          { scopes: unpublished.length },
          'Some old months of the history are not dropped yet: the feed has not published them. Have GRAPH_FEED=on until it has',
        );
      }
    } catch (error) {
      if (stopping.signal.aborted) return;
      logger.warn({ err: error }, 'Old months of the history could not be dropped; it is tried again');
    }
  };

  const dropResolved = async (): Promise<void> => {
    try {
      const deleted = await deleteResolvedDeadLetters(pool, { olderThanDays: deadLetterDays });
      if (deleted > 0) logger.info({ deleted }, 'Dead letters that were resolved long ago were deleted');
    } catch (error) {
      logger.warn({ err: error }, 'Resolved dead letters could not be deleted; it is tried again');
    }
  };

  // Roles may have been made since the migration ran; without them the writer writes all the same.
  const letReadersRead = async (): Promise<void> => {
    try {
      const missing = await grantReaders(pool);
      if (missing.length > 0) {
        logger.warn({ roles: missing }, 'Roles for readers are missing: have an administrator run docs/reader-roles.sql');
      }
    } catch (error) {
      logger.warn({ err: error }, 'The roles for readers could not be granted what they may read');
    }
  };

  return {
    name: 'graph-writer',
    start: async () => {
      await migrate(pool, { schema: 'graph', migrations });
      await letReadersRead();
      await preparePartitions();
      await bus.ensureTopics([
        { topic: topics.graphChanges, partitions },
        { topic: topics.deadLetters, partitions },
      ]);
      let stopForSickness: (error: unknown) => void = () => undefined;
      const sick = new Promise<never>((_resolve, reject) => {
        stopForSickness = reject;
      });
      consumption = bus.consume({
        topics: [topics.graphChanges, topics.deadLetters],
        group,
        maxBatchSize: largestBatch,
        batchesInHand,
        onBatch: async (batch) => {
          try {
            await handleBatch(batch);
          } catch (error) {
            // A lost partition is somebody else's now, what comes behind a failure is no other one, and a stop is no illness.
            const isSickness = !(error instanceof BusError || error instanceof TooManyDeadLetters);
            if (isSickness && !batch.signal.aborted) stopForSickness(error);
            throw error;
          }
        },
      });
      consumption.ready.then(
        () => (reading = true),
        () => undefined,
      );
      done = Promise.race([consumption.done, sick]);
      // Whoever only stops the component has no use for it.
      done.catch(() => undefined);
      endGauges = [
        metrics.observeLag(() => bus.lag(group, [topics.graphChanges, topics.deadLetters])),
        metrics.observeStopped(() => {
          const stands = standing.all();
          const of = (topic: string) => stands.filter((stand) => stand.topic === topic).length;
          return { [topics.graphChanges]: of(topics.graphChanges), [topics.deadLetters]: of(topics.deadLetters) };
        }),
      ];
      purging = startLoop({
        name: 'purge',
        restMs: purgeRestMs,
        logger,
        round: (signal) =>
          purgeScopes(pool, {
            signal,
            onPurged: (scope, rows) => logger.info({ scope, rows }, 'Everything of a removed integration was deleted for good'),
          }),
      });
      upkeep = dropResolved().then(dropOldHistory);
      upkeepTimer = setInterval(() => {
        upkeep = upkeep.then(preparePartitions).then(dropResolved).then(dropOldHistory);
      }, upkeepMs).unref();
    },
    stop: async () => {
      clearInterval(upkeepTimer);
      for (const end of endGauges) end();
      stopping.abort();
      await consumption?.stop();
      await purging?.stop();
      await upkeep;
    },
    get done() {
      return done;
    },
    checks: {
      bus: () => {
        if (!reading) throw new Error('The graph changes are not being read yet.');
      },
      partitions: () => {
        const stands = standing.all();
        if (stands.length > 0) throw new DegradedError(stands.map(describeStand).join('\n'));
      },
    },
  };
}
