import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { createBackoff, levelOf, type Backoff } from '../backoff.js';
import { describeError } from '../describe-error.js';
import { BusError, type BusLogger, type ConsumeOptions, type IncomingRecord } from '../port.js';

const DEFAULT_BATCH_SIZE = 500;

export interface BatchesInHand {
  /** For kafkajs: hands the records of a fetch over, and returns when there is room for the next. */
  eachBatch(payload: EachBatchPayload): Promise<void>;
  /** The group begins with what it committed: what failed before comes again anyway. */
  joined(): void;
  /** Resolves when nothing is in hand any more, and what was handled is committed. */
  ended(): Promise<void>;
}

/** Why a batch, and everything behind it, has to come again. */
interface Failure {
  /** The first offset that was not handled. */
  offset: bigint;
  error: unknown;
  /** kafkajs knows what to do about it: it joins the group again, or tries again. */
  isOfKafka: boolean;
}

/** The batches of each partition between their reading and their commit. */
export function createBatchesInHand(
  { onBatch, group, maxBatchSize = DEFAULT_BATCH_SIZE, batchesInHand = 1 }: ConsumeOptions,
  signal: AbortSignal,
  logger: BusLogger,
): BatchesInHand {
  const backoffs = new Map<string, Backoff>();
  /** By partition, in their order: what becomes of each. They never reject. */
  const inHand = new Map<string, Promise<Failure | undefined>[]>();
  /** How often the group was joined: what began before has no say in where reading goes on. */
  let joins = 0;

  const queueOf = (place: string): Promise<Failure | undefined>[] => {
    const queue = inHand.get(place) ?? [];
    inHand.set(place, queue);
    return queue;
  };

  /** Resolves when the batch and everything before it was handled and committed, or to what went wrong. */
  const handOver = async (
    payload: EachBatchPayload,
    records: IncomingRecord[],
    previous: Promise<Failure | undefined>,
  ): Promise<Failure | undefined> => {
    const { topic, partition } = payload.batch;
    const [first, last] = [records[0]?.offset ?? 0n, records.at(-1)?.offset ?? 0n];
    const membership = watchMembership(() => payload.heartbeat());
    const before = previous.then((failure) => {
      if (failure)
        throw new BusError('The batch before this one was not handled', {
          code: 'BATCH_BEFORE_FAILED',
          retriable: true,
          cause: failure.error,
        });
    });
    before.catch(() => undefined);
    let failure: Failure | undefined;
    try {
      await onBatch({ topic, partition, records, before, heartbeat: membership.heartbeat, signal });
    } catch (error) {
      failure = { offset: first, error: membership.lost ?? error, isOfKafka: membership.lost !== undefined };
    }
    failure = (await previous) ?? failure;
    if (failure) return failure;
    try {
      await payload.commitOffsetsIfNecessary({
        topics: [{ topic, partitions: [{ partition, offset: (last + 1n).toString() }] }],
      });
    } catch (error) {
      return { offset: first, error, isOfKafka: true };
    }
    return undefined;
  };

  /** Brings the records from that offset again, after a while. */
  const comeAgain = (payload: EachBatchPayload, { offset, error, isOfKafka }: Failure): void => {
    const { topic, partition } = payload.batch;
    payload.resolveOffset((offset - 1n).toString());
    if (isOfKafka) throw error;
    const place = placeOf(payload);
    const backoff = backoffs.get(place) ?? createBackoff({ firstMs: 200 });
    backoffs.set(place, backoff);
    const waitMs = backoff.nextMs();
    const about = { group, topic, partition, offset: String(offset), attempts: backoff.attempts, waitMs };
    logger[levelOf(backoff.attempts)](
      { ...about, error: describeError(error) },
      'Handling a batch failed, the same records come again',
    );
    // A paused partition lets the others go on.
    setTimeout(payload.pause(), waitMs).unref();
  };

  return {
    eachBatch: async (payload) => {
      const { messages, highWatermark } = payload.batch;
      const place = placeOf(payload);
      const queue = queueOf(place);
      const joinsBefore = joins;
      for (let from = 0; from < messages.length; from += maxBatchSize) {
        if (signal.aborted || !payload.isRunning() || payload.isStale()) return;
        const records = messages.slice(from, from + maxBatchSize).map(toRecord);
        const last = records.at(-1)?.offset ?? 0n;
        queue.push(handOver(payload, records, queue.at(-1) ?? Promise.resolve(undefined)));
        // Where nothing follows at once nobody would hear of a failure.
        const more = from + maxBatchSize < messages.length || BigInt(highWatermark) > last + 1n;
        while (queue.length > (more ? batchesInHand - 1 : 0)) {
          const failure = await queue[0];
          if (joins !== joinsBefore) return;
          if (failure) {
            await Promise.all(queue.splice(0));
            comeAgain(payload, failure);
            return;
          }
          void queue.shift();
          backoffs.delete(place);
        }
        payload.resolveOffset(last.toString());
        await payload.heartbeat();
      }
    },
    joined: () => {
      joins += 1;
      for (const queue of inHand.values()) if (queue.length > 0) queue.push(Promise.all(queue.splice(0)).then(() => undefined));
    },
    ended: async () => {
      await Promise.all([...inHand.values()].flat());
    },
  };
}

const placeOf = ({ batch: { topic, partition } }: EachBatchPayload): string => `${topic}:${partition}`;

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
