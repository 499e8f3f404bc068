import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { createBackoff, pause, type Backoff } from '../backoff.js';
import { defer } from '../deferred.js';
import { describeError } from '../describe-error.js';
import { BusError, type BusLogger, type Consumption, type ConsumeOptions, type IncomingRecord } from '../port.js';
import { busErrorOf } from './bus-error-of.js';
import { maxFetchBytes, maxFetchBytesPerPartition, rebalanceTimeoutMs, type KafkaTuning } from './tuning.js';

const DEFAULT_BATCH_SIZE = 500;

/** One group member. kafkajs restarts it after trouble with the brokers; what it does not restart rejects `done`. */
export function consumeFromKafka(kafka: Kafka, options: ConsumeOptions, tuning: KafkaTuning, logger: BusLogger): Consumption {
  const { group } = options;
  const ready = defer<undefined>();
  const done = defer<undefined>();
  ready.promise.catch(() => undefined); // whoever does not wait for `ready` hears of the failure through `done`
  const stopping = new AbortController();
  const handle = createBatchHandler(options, stopping.signal, logger);

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
  consumer.on(consumer.events.GROUP_JOIN, () => ready.resolve(undefined));
  consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
    if (restart) logger.warn({ group, error: describeError(error) }, 'The consumer lost its broker and starts again');
    else if (!stopping.signal.aborted) fail(busErrorOf(error, `consuming as ${group}`));
  });

  const started = start(consumer, options, tuning, { handle, signal: stopping.signal, logger }).catch((error: unknown) =>
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
        // Waits for the batches in hand, then leaves the group. Without a broker the group finds out by itself.
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
  { handle, signal, logger }: { handle: (batch: EachBatchPayload) => Promise<void>; signal: AbortSignal; logger: BusLogger },
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
        eachBatch: handle,
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

function createBatchHandler(
  { onBatch, group, maxBatchSize = DEFAULT_BATCH_SIZE }: ConsumeOptions,
  signal: AbortSignal,
  logger: BusLogger,
): (payload: EachBatchPayload) => Promise<void> {
  const backoffs = new Map<string, Backoff>();

  return async (payload) => {
    const { topic, partition, messages } = payload.batch;
    const place = `${topic}:${partition}`;
    for (let from = 0; from < messages.length; from += maxBatchSize) {
      if (signal.aborted || !payload.isRunning() || payload.isStale()) return;
      const records = messages.slice(from, from + maxBatchSize).map(toRecord);
      const membership = watchMembership(() => payload.heartbeat());
      try {
        await onBatch({ topic, partition, records, heartbeat: membership.heartbeat, signal });
      } catch (error) {
        if (membership.lost) throw membership.lost; // as kafkajs threw it: it joins the group again
        const backoff = backoffs.get(place) ?? createBackoff({ firstMs: 200 });
        backoffs.set(place, backoff);
        const waitMs = backoff.nextMs();
        logger.warn(
          {
            group,
            topic,
            partition,
            offset: String(records[0]?.offset),
            attempts: backoff.attempts,
            waitMs,
            error: describeError(error),
          },
          'Handling a batch failed, the same records come again',
        );
        // The offset stays where it is, so the next fetch brings the same records. A paused partition lets the others go on.
        setTimeout(payload.pause(), waitMs).unref();
        return;
      }
      backoffs.delete(place);
      const next = (records.at(-1)?.offset ?? 0n) + 1n;
      payload.resolveOffset((next - 1n).toString());
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: next.toString() }] }] });
      await payload.heartbeat();
    }
  };
}

/** Remembers why a heartbeat failed, whatever the handler makes of that error. */
function watchMembership(beat: () => Promise<void>): { heartbeat: () => Promise<void>; readonly lost: Error | undefined } {
  let lost: Error | undefined;
  return {
    heartbeat: async () => {
      try {
        await beat();
      } catch (error) {
        lost = error instanceof Error ? error : new Error(String(error));
        throw new BusError('The partition is being given to another consumer', {
          code: 'PARTITION_LOST',
          retriable: true,
          cause: error,
        });
      }
    },
    get lost() {
      return lost;
    },
  };
}

function toRecord({ offset, key, value, headers, timestamp }: KafkaMessage): IncomingRecord {
  const decoded: Record<string, Buffer> = {};
  for (const [name, header] of Object.entries(headers ?? {})) {
    const last = Array.isArray(header) ? header.at(-1) : header;
    if (last !== undefined) decoded[name] = Buffer.isBuffer(last) ? last : Buffer.from(last);
  }
  return {
    offset: BigInt(offset),
    key: key === null ? null : key.toString('utf8'),
    value,
    headers: decoded,
    timestamp: Number(timestamp),
  };
}
