import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startSecureKafka } from '@orgtrail/testkit';
import { silent } from '../contract/connect.js';
import type { BusLogger } from '../port.js';
import { createKafkaBus, type KafkaBusOptions } from './kafka-bus.js';

jest.setTimeout(120_000);

let kafka: Awaited<ReturnType<typeof startSecureKafka>>;
beforeAll(async () => {
  kafka = await startSecureKafka();
});
afterAll(async () => {
  await kafka.stop();
});

const bySasl = (mechanism: 'plain' | 'scram-sha-512', password = kafka.security.password): Partial<KafkaBusOptions> => ({
  brokers: [`127.0.0.1:${kafka.security.ports.sasl}`],
  ssl: { ca: kafka.security.certificates.ca },
  sasl: { mechanism, username: kafka.security.username, password },
});
const byCertificate = (): Partial<KafkaBusOptions> => {
  const { ca, client } = kafka.security.certificates;
  return {
    brokers: [`127.0.0.1:${kafka.security.ports.mutual}`],
    ssl: { ca, cert: client.certificate, key: client.key },
  };
};
const connect = (options: Partial<KafkaBusOptions>, logger: BusLogger = silent) =>
  createKafkaBus({ brokers: [], clientId: 'secure', logger, unavailableAfterMs: 60_000, ...options });

describe('a Kafka that asks who we are', () => {
  it.each<[string, () => Partial<KafkaBusOptions>]>([
    ['TLS and SASL PLAIN', () => bySasl('plain')],
    ['TLS and SCRAM-SHA-512', () => bySasl('scram-sha-512')],
    ['TLS and a client certificate', byCertificate],
  ])('carries records by %s', async (how, options) => {
    const topic = `secure-${how.length}`;
    const bus = await connect(options());
    try {
      await bus.ensureTopics([{ topic, partitions: 1 }]);
      await bus.publish(topic, [{ key: 'organization', value: Buffer.from(how) }]);
      const received = Promise.withResolvers<string>();
      const consumption = bus.consume({
        topics: [topic],
        group: `secure-${topic}`,
        onBatch: async ({ records }) => received.resolve(String(records[0]?.value)),
      });
      expect(await received.promise).toBe(how);
      await consumption.stop();
    } finally {
      await bus.close();
    }
  });

  it.each(['plain', 'scram-sha-512'] as const)(
    'says at once that the password is wrong (%s), and never which it was',
    async (mechanism) => {
      const said: unknown[] = [];
      const hear = (...words: unknown[]): void => void said.push(...words);
      const logger: BusLogger = { debug: hear, info: hear, warn: hear, error: hear };
      const started = performance.now();
      const failure = await connect(bySasl(mechanism, 'wrong-battery-staple'), logger).catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'BUS_REFUSED',
        message: expect.stringMatching(/signing in at 127\.0\.0\.1:\d+ was refused: .*authentication failed/i),
      });
      expect(performance.now() - started).toBeLessThan(20_000);
      expect(JSON.stringify([said, String(failure)])).not.toContain('wrong-battery-staple');
    },
  );

  it('says at once that the certificate is signed by nobody whom we trust, and which variable says whom', async () => {
    await expect(connect({ ...bySasl('plain'), ssl: {} })).rejects.toMatchObject({
      code: 'BUS_REFUSED',
      message: expect.stringMatching(/certificate.*KAFKA_TLS_CA/),
    });
  });

  it('says what may be the matter when one side speaks TLS and the other does not', async () => {
    for (const options of [{ brokers: kafka.brokers, ssl: {} }, { brokers: [`127.0.0.1:${kafka.security.ports.sasl}`] }])
      await expect(connect({ ...options, unavailableAfterMs: 3_000 })).rejects.toMatchObject({
        code: 'BUS_UNREACHABLE',
        message: expect.stringContaining('KAFKA_TLS'),
      });
  });
});
