import { jest } from '@jest/globals';
import { testKafkaBrokers } from '@orgtrail/testkit';
import { describeBusContract } from '../contract/bus-contract.js';

jest.setTimeout(120_000);

describeBusContract('Kafka', () =>
  Promise.resolve({ address: { kind: 'kafka', brokers: testKafkaBrokers() }, close: () => Promise.resolve() }),
);
