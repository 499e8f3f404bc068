import { Kafka, logLevel } from 'kafkajs';

/** Takes a topic away, as an administrator of the cluster might. */
export async function deleteTopic(brokers: readonly string[], topic: string): Promise<void> {
  const admin = new Kafka({ brokers: [...brokers], clientId: 'orgtrail-testkit', logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: [topic] });
  } finally {
    await admin.disconnect();
  }
}
