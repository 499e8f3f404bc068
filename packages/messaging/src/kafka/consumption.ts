import type { Consumer, Kafka } from 'kafkajs';
import { createBackoff, pause } from '../backoff.js';
import { defer } from '../deferred.js';
import { describeError } from '../describe-error.js';
import type { BusError, BusLogger, Consumption, ConsumeOptions } from '../port.js';
import { createBatchesInHand, type BatchesInHand } from './batches-in-hand.js';
import { busErrorOf } from './bus-error-of.js';
import { maxFetchBytes, maxFetchBytesPerPartition, rebalanceTimeoutMs, type KafkaTuning } from './tuning.js';

/** One group member. kafkajs restarts it after trouble with the brokers; what it does not restart rejects `done`. */
export function consumeFromKafka(kafka: Kafka, options: ConsumeOptions, tuning: KafkaTuning, logger: BusLogger): Consumption {
  const { group } = options;
  const ready = defer<undefined>();
  const done = defer<undefined>();
  ready.promise.catch(() => undefined); // whoever does not wait for `ready` hears of the failure through `done`
  const stopping = new AbortController();
  const batches = createBatchesInHand(options, stopping.signal, logger);

  const fail = (error: BusError): void => {
    logger.error({ group, topics: options.topics, error: describeError(error) }, 'The consumer cannot go on');
    ready.reject(error);
    done.reject(error);
  };

  const consumer = kafka.consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    sessionTimeout: tuning.sessionTimeoutMs,
    heartbeatInterval: tuning.heartbeatIntervalMs,
    rebalanceTimeout: rebalanceTimeoutMs,
    maxWaitTimeInMs: tuning.maxWaitMs,
    minBytes: 1,
    maxBytes: maxFetchBytes,
    maxBytesPerPartition: maxFetchBytesPerPartition,
    retry: { restartOnFailure: () => Promise.resolve(!stopping.signal.aborted) },
  });
  consumer.on(consumer.events.GROUP_JOIN, () => {
    batches.joined();
    ready.resolve(undefined);
  });
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (restart) logger.warn({ group, error: describeError(error) }, 'The consumer lost its broker and starts again');
    else if (!stopping.signal.aborted) fail(busErrorOf(error, `consuming as ${group}`));
  });

  const started = start(consumer, options, tuning, { batches, signal: stopping.signal, logger }).catch((error: unknown) =>
    fail(busErrorOf(error, `consuming as ${group}`)),
  );

  let stopped: Promise<void> | undefined;
  return {
    ready: ready.promise,
    done: done.promise,
    stop: () =>
      (stopped ??= (async () => {
        stopping.abort();
        await started;
        await batches.ended();
        // Leaves the group. Without a broker the group finds out by itself.
        await consumer.disconnect().catch((error: unknown) => {
          logger.warn({ group, error: describeError(error) }, 'The consumer stopped without telling its group');
        });
        ready.resolve(undefined);
        done.resolve(undefined);
      })()),
  };
}

/** Joins the group; brokers that are away and topics that do not exist yet are waited for. */
async function start(
  consumer: Consumer,
  { topics, group }: ConsumeOptions,
  { partitionsAtOnce }: KafkaTuning,
  { batches, signal, logger }: { batches: BatchesInHand; signal: AbortSignal; logger: BusLogger },
): Promise<void> {
  const backoff = createBackoff();
  while (!signal.aborted) {
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: partitionsAtOnce,
        eachBatch: batches.eachBatch,
      });
      return;
    } catch (error) {
      const failure = busErrorOf(error, `joining ${group}`);
      if (!failure.retriable && failure.code !== 'UNKNOWN_TOPIC') throw failure;
      logger.warn({ group, topics, error: describeError(failure) }, 'The consumer cannot join yet, trying again');
      await pause(backoff.nextMs(), signal);
    }
  }
}
