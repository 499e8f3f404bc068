import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { checkKafka, kafkaConnectionOf, kafkaVariables } from './kafka-environment.js';

const environment = z.object(kafkaVariables).superRefine(checkKafka);
const problems = (given: Record<string, string>): string[] =>
  environment.safeParse(given).error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`) ?? [];
const pem = (what: string) => `-----BEGIN ${what}-----\nAA==\n-----END ${what}-----\n`;
const brokers = { KAFKA_BROKERS: 'kafka-0:9093, kafka-1:9093' };
const signIn = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'orgtrail', KAFKA_SASL_PASSWORD: 'geheim' };

describe('the environment of Kafka', () => {
  it('is no connection without brokers', () => {
    expect(kafkaConnectionOf(environment.parse({}))).toBeUndefined();
  });

  it('is plain by default', () => {
    expect(kafkaConnectionOf(environment.parse(brokers))).toEqual({ brokers: ['kafka-0:9093', 'kafka-1:9093'] });
  });

  it('takes certificates and a password', () => {
    const [ca, cert, key] = [pem('CERTIFICATE'), pem('CERTIFICATE'), pem('PRIVATE KEY')];
    const given = { ...brokers, ...signIn, KAFKA_TLS: 'true', KAFKA_TLS_CA: ca, KAFKA_TLS_CERT: cert, KAFKA_TLS_KEY: key };
    expect(kafkaConnectionOf(environment.parse(given))).toEqual({
      brokers: ['kafka-0:9093', 'kafka-1:9093'],
      ssl: { ca, cert, key },
      sasl: { mechanism: 'scram-sha-512', username: 'orgtrail', password: 'geheim' },
    });
    expect(kafkaConnectionOf(environment.parse({ ...brokers, KAFKA_TLS: 'true' }))).toEqual({
      brokers: ['kafka-0:9093', 'kafka-1:9093'],
      ssl: {},
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['TLS without brokers', { KAFKA_TLS: 'true' }, 'KAFKA_TLS needs KAFKA_BROKERS: without it the bus runs in the database'],
    ['a CA without TLS', { ...brokers, KAFKA_TLS_CA: pem('CERTIFICATE') }, 'KAFKA_TLS_CA needs KAFKA_TLS=true'],
    [
      'a certificate without its key',
      { ...brokers, KAFKA_TLS: 'true', KAFKA_TLS_CERT: pem('CERTIFICATE') },
      'KAFKA_TLS_CERT needs KAFKA_TLS_KEY',
    ],
    [
      'a key without its certificate',
      { ...brokers, KAFKA_TLS: 'true', KAFKA_TLS_KEY: pem('PRIVATE KEY') },
      'KAFKA_TLS_KEY needs KAFKA_TLS_CERT',
    ],
    [
      'a path in the place of a certificate',
      { ...brokers, KAFKA_TLS: 'true', KAFKA_TLS_CA: '/etc/ca.crt' },
      'KAFKA_TLS_CA a CA is PEM: it begins with -----BEGIN',
    ],
    [
      'a mechanism without a password',
      { ...brokers, KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'orgtrail' },
      'KAFKA_SASL_MECHANISM needs KAFKA_SASL_PASSWORD',
    ],
    [
      'a password without a mechanism',
      { ...brokers, KAFKA_SASL_PASSWORD: 'geheim' },
      'KAFKA_SASL_PASSWORD needs KAFKA_SASL_MECHANISM',
    ],
    [
      'a password in the clear',
      { ...brokers, ...signIn, KAFKA_SASL_MECHANISM: 'plain' },
      'KAFKA_SASL_MECHANISM plain sends the password as it is: set KAFKA_TLS=true, or use scram-sha-512',
    ],
  ])('refuses %s', (_what, given, problem) => {
    expect(problems(given)).toEqual([problem]);
  });

  it('never shows a secret in what it refuses', () => {
    expect(problems({ ...signIn, KAFKA_SASL_MECHANISM: 'plain' }).join()).not.toContain('geheim');
  });
});
