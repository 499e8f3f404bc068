import type { Admin } from 'kafkajs';
import type { Lag, TopicSpec } from '../port.js';

const DEFAULT_RETENTION_MS = 7 * 24 * 60 * 60 * 1000;
/** Room for one record of `maxRecordBytes` with everything that the protocol puts around it. */
const MAX_BATCH_BYTES = 2 * 1024 * 1024;

/** Creates what is missing. Another process may create the same topic in between: then kafkajs answers `false`, which is fine. */
export async function createMissingTopics(admin: Admin, specs: readonly TopicSpec[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  for (const { topic, partitions, retentionMs = DEFAULT_RETENTION_MS } of specs) {
    if (existing.has(topic)) continue;
    await admin.createTopics({
      waitForLeaders: true,
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
