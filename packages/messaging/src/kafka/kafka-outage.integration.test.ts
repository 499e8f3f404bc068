import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startLocalKafka, testKafkaBrokers, type LocalKafka } from '@orgtrail/testkit';
import { ConfigResourceTypes, Kafka, logLevel } from 'kafkajs';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { silent } from '../contract/connect.js';
import { createRecorder, eventually } from '../contract/recorder.js';
import type { Bus, OutgoingRecord } from '../port.js';
import { createKafkaBus, type KafkaBusOptions } from './kafka-bus.js';

jest.setTimeout(180_000);

const numbered = (number: number): OutgoingRecord[] => [{ key: 'organization', value: Buffer.from(`${number}`) }];

describe('a Kafka that goes away', () => {
  let kafka: LocalKafka;
  const buses: Bus[] = [];
  beforeAll(async () => {
    kafka = await startLocalKafka();
  });
  afterAll(async () => {
    await Promise.all(buses.map((bus) => bus.close()));
    await kafka.stop();
  });
  const connect = async (options: Partial<KafkaBusOptions> = {}): Promise<Bus> => {
    const bus = await createKafkaBus({
      brokers: kafka.brokers,
      clientId: 'outage',
      logger: silent,
      ...options,
      tuning: { sessionTimeoutMs: 3_000, heartbeatIntervalMs: 500, maxWaitMs: 100, ...options.tuning },
    });
    buses.push(bus);
    return bus;
  };

  it('loses nothing and keeps the order when the broker is killed in mid-stream and returns', async () => {
    const topic = `outage.${randomUUID()}`;
    const bus = await connect();
    await bus.ensureTopics([{ topic, partitions: 1 }]);
    const recorder = createRecorder();
    const consumption = bus.consume({ topics: [topic], group: topic, onBatch: recorder.onBatch });
    await consumption.ready;

    let published = 0;
    let publishing = true;
    const stream = (async () => {
      while (publishing) {
        await bus.publish(topic, numbered(published));
        published += 1;
        await sleep(2);
      }
    })();
    await eventually('records flow', () => recorder.seen.length > 50);
    await kafka.kill();
    const publishedBefore = published;
    await sleep(3_000);
    expect(published - publishedBefore).toBeLessThanOrEqual(1); // the call on its way waits, it does not fail
    await expect(bus.ping()).rejects.toMatchObject({ code: 'BUS_UNREACHABLE', retriable: true });
    await kafka.start();
    await eventually('records flow again', () => published > publishedBefore + 50);
    publishing = false;
    await stream;
    await eventually('the consumer is through', () => recorder.texts().includes(`${published - 1}`));
    await bus.ping();

    // At least once: repetitions may come, but the first appearances are all there and in order.
    const firstAppearances = [...new Set(recorder.texts())];
    expect(firstAppearances).toEqual(Array.from({ length: published }, (_, number) => `${number}`));
  });

  it('rejects as retriable when the broker stays away, and takes what comes after it is back', async () => {
    const topic = `outage.${randomUUID()}`;
    const bus = await connect({ tuning: { publishRetryForMs: 1_000 } });
    await bus.ensureTopics([{ topic, partitions: 1 }]);
    await bus.publish(topic, numbered(0));
    await kafka.kill();
    await expect(bus.publish(topic, numbered(1))).rejects.toMatchObject({
      name: 'BusError',
      code: 'BUS_UNREACHABLE',
      retriable: true,
    });
    await kafka.start();
    await bus.publish(topic, numbered(2));
    await bus.publish(topic, numbered(3));

    const recorder = createRecorder();
    bus.consume({ topics: [topic], group: topic, onBatch: recorder.onBatch });
    await eventually('the last one arrived', () => recorder.texts().includes('3'));
    expect(recorder.texts()).toEqual(['0', '2', '3']);
  });
});

describe('a Kafka that does not take us', () => {
  it('names its addresses and the variable to check when no broker answers', async () => {
    const [first, second] = await Promise.all([closedPort(), closedPort()]);
    const bus = createKafkaBus({
      brokers: [`127.0.0.1:${first}`, `127.0.0.1:${second}`],
      clientId: 'nobody',
      logger: silent,
      unavailableAfterMs: 200,
    });
    await expect(bus).rejects.toMatchObject({ name: 'BusError', code: 'BUS_UNREACHABLE', retriable: true });
    await expect(bus).rejects.toThrow(new RegExp(`127\\.0\\.0\\.1:${first}, 127\\.0\\.0\\.1:${second}.*KAFKA_BROKERS`));
  });

  it('rejects done when the broker refuses the member for good', async () => {
    const topic = `refused.${randomUUID()}`;
    // Below the broker's group.min.session.timeout.ms: the join is refused, and no retry helps.
    const tuning = { sessionTimeoutMs: 300, heartbeatIntervalMs: 100, maxWaitMs: 50 };
    const bus = await createKafkaBus({ brokers: testKafkaBrokers(), clientId: 'refused', logger: silent, tuning });
    await bus.ensureTopics([{ topic, partitions: 1 }]);
    const consumption = bus.consume({ topics: [topic], group: topic, onBatch: () => Promise.resolve() });
    await expect(consumption.done).rejects.toMatchObject({ name: 'BusError', code: 'BUS_REFUSED', retriable: false });
    await expect(consumption.ready).rejects.toMatchObject({ code: 'BUS_REFUSED' });
    await bus.close();
  });

  it('waits for a topic that another process creates later', async () => {
    const topic = `later.${randomUUID()}`;
    const bus = await createKafkaBus({ brokers: testKafkaBrokers(), clientId: 'later', logger: silent });
    const recorder = createRecorder();
    const consumption = bus.consume({ topics: [topic], group: topic, onBatch: recorder.onBatch });
    await sleep(500);
    await bus.ensureTopics([{ topic, partitions: 1 }]);
    await bus.publish(topic, numbered(1));
    await consumption.ready;
    await eventually('the record arrived', () => recorder.seen.length === 1);
    await bus.close();
  });

  it('creates topics that are deleted by time and never compacted', async () => {
    const topic = `settings.${randomUUID()}`;
    const bus = await createKafkaBus({ brokers: testKafkaBrokers(), clientId: 'settings', logger: silent });
    await bus.ensureTopics([{ topic, partitions: 2, retentionMs: 3_600_000 }]);
    const admin = new Kafka({ brokers: testKafkaBrokers(), logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [
        {
          type: ConfigResourceTypes.TOPIC,
          name: topic,
          configNames: ['cleanup.policy', 'retention.ms', 'message.timestamp.type'],
        },
      ],
    });
    const settings = Object.fromEntries(
      resources[0]!.configEntries.map(({ configName, configValue }) => [configName, configValue]),
    );
    expect(settings).toEqual({
      'cleanup.policy': 'delete',
      'retention.ms': '3600000',
      'message.timestamp.type': 'LogAppendTime',
    });
    await admin.disconnect();
    await bus.close();
  });
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
