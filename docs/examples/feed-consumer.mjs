/**
 * Follows the change feed of the graph and prints a line for each change, repetitions dropped.
 *
 *   KAFKA_BROKERS=localhost:9092 [GROUP=my-consumer] node docs/examples/feed-consumer.mjs
 *
 * Ends with SIGTERM or SIGINT. Elsewhere: install kafkajs and @bufbuild/protobuf, and generate the messages from proto/orgtrail with buf.
 */
import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { graph, topics } from '@orgtrail/proto';
import { Kafka, logLevel } from 'kafkajs';

const brokers = process.env.KAFKA_BROKERS?.split(',');
if (brokers === undefined) {
  process.stderr.write('Set KAFKA_BROKERS to host:port of a broker.\n');
  process.exit(78);
}
const kafka = new Kafka({ clientId: 'feed-consumer', brokers, logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: process.env.GROUP ?? 'feed-consumer' });

/** The newest version of each key that was handled. A real consumer keeps it with what it writes, in the same transaction. */
const newest = new Map();

async function handle(change) {
  const identity = `${change.integrationId} ${change.key}`;
  if ((newest.get(identity) ?? 0n) >= change.version) return;
  const who = change.cause
    ? `${change.cause.eventName} by ${change.cause.principalArn || 'AWS'}`
    : change.foundBy
      ? `found by ${change.foundBy.kind} sync ${change.foundBy.id}`
      : 'found by a reading';
  const name = change.state?.entity?.displayName ?? change.subject;
  const at = timestampDate(change.writtenAt).toISOString();
  process.stdout.write(`${at} ${change.kind.padEnd(8)} ${change.type} ${name} (${who})\n`);
  newest.set(identity, change.version);
}

await consumer.connect();
await consumer.subscribe({ topics: [topics.graphFeed], fromBeginning: true });
await consumer.run({
  // The offset moves after the record was handled: at least once.
  eachMessage: async ({ message }) => {
    if (message.value !== null) await handle(fromBinary(graph.FeedChangeSchema, message.value));
  },
});
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void consumer.disconnect().then(() => process.exit(0)));
