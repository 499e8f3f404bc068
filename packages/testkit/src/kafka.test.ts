import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startKafka, startLocalKafka, testKafkaBrokers } from './kafka.js';

describe('a Kafka for tests', () => {
  const before = { ...process.env };
  beforeEach(() => {
    process.env['PATH'] = '/nowhere';
    delete process.env['KAFKA_BROKERS'];
    delete process.env['ORGTRAIL_TEST_KAFKA'];
  });
  afterEach(() => {
    process.env = { ...before };
  });

  it('is the one that KAFKA_BROKERS names, and that one is left running', async () => {
    process.env['KAFKA_BROKERS'] = 'a:9092, b:9092';
    const kafka = await startKafka();
    expect(kafka).toMatchObject({ brokers: ['a:9092', 'b:9092'], pid: undefined });
    await kafka.stop();
  });

  it('names the three ways to get one when there is none', async () => {
    await expect(startLocalKafka()).rejects.toThrow(/KAFKA_BROKERS.*Java 17.*Maven.*Docker/);
  });

  it('says which tests have one', () => {
    expect(() => testKafkaBrokers()).toThrow(/integration\.test\.ts/);
  });
});
