import { jest } from '@jest/globals';
import { testKafkaBrokers } from '@orgtrail/testkit';
import { describeBusContract } from '../contract/bus-contract.js';
import { describeGroupMembers } from '../contract/group-members.js';
import { describeSeveralInHand } from '../contract/several-in-hand.js';

jest.setTimeout(120_000);

const openAddress = () =>
  Promise.resolve({
    address: { kind: 'kafka' as const, brokers: testKafkaBrokers() },
    close: () => Promise.resolve(),
  });

describeBusContract('Kafka', openAddress);
describeGroupMembers('Kafka', openAddress);
describeSeveralInHand('Kafka', openAddress, { overlaps: true });
