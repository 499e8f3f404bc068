import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { BusError, type Lag, type TopicSpec } from '../port.js';
import { busErrorOf } from './bus-error-of.js';

const DEFAULT_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
/** Room for one record of `maxRecordBytes` with everything that the protocol puts around it. */
const MAX_BATCH_BYTES = 2 * 1024 * 1024;
const KNOWN_WITHIN_MS = 30_000;

/** Creates what is missing, and resolves when it can be used. Another process may create the same topic in between: then kafkajs answers `false`. */
export async function createMissingTopics(admin: Admin, specs: readonly TopicSpec[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  for (const { topic, partitions, retentionMs = DEFAULT_RETENTION_MS } of specs) {
    if (existing.has(topic)) continue;
    await admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          topic,
          numPartitions: partitions,
          configEntries: [
            { name: 'cleanup.policy', value: 'delete' },
            { name: 'retention.ms', value: String(retentionMs) },
            { name: 'max.message.bytes', value: String(MAX_BATCH_BYTES) },
            // The bus's clock, as the port promises, instead of the publisher's.
            { name: 'message.timestamp.type', value: 'LogAppendTime' },
          ],
        },
      ],
    });
  }
  await untilTopicsAreKnown(
    admin,
    specs.map(({ topic }) => topic).filter((topic) => !existing.has(topic)),
  );
}

/**
 * A topic that was created a moment ago is unknown to the brokers, or has no leader, until they have read about it. kafkajs's own waiting
 * takes the first of these for a failure, and does not wait for topics that another process has just created.
 */
async function untilTopicsAreKnown(admin: Admin, topics: string[]): Promise<void> {
  if (topics.length === 0) return;
  const deadline = performance.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      const metadata = await admin.fetchTopicMetadata({ topics });
      if (metadata.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    } catch (error) {
      if (!['UNKNOWN_TOPIC', 'BUS_UNREACHABLE'].includes(busErrorOf(error, 'creating topics').code)) throw error;
    }
    if (performance.now() > deadline) {
      throw new BusError(`Kafka: ${topics.join(', ')} got no leader within ${KNOWN_WITHIN_MS / 1000} s`, {
        code: 'BUS_UNREACHABLE',
        retriable: true,
      });
    }
    await sleep(50);
  }
}

/** A partition without a committed offset counts from the oldest record kept, where a new group begins. */
export async function lagOf(admin: Admin, group: string, topics: readonly string[]): Promise<Lag> {
  const committed = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
  const lag: Lag = {};
  for (const topic of topics) {
    const offsets = committed.find((entry) => entry.topic === topic)?.partitions ?? [];
    lag[topic] = 0n;
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      const next = BigInt(offsets.find((entry) => entry.partition === partition)?.offset ?? -1);
      const oldest = BigInt(low);
      lag[topic] += BigInt(high) - (next > oldest ? next : oldest);
    }
  }
  return lag;
}
