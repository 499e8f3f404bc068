import { jest } from '@jest/globals';
import { createTestDatabase } from '@orgtrail/testkit';
import { describeBusContract } from '../contract/bus-contract.js';
import { describeGroupMembers } from '../contract/group-members.js';
import { describeSeveralInHand } from '../contract/several-in-hand.js';

jest.setTimeout(120_000);

const openAddress = async () => {
  const database = await createTestDatabase();
  return {
    address: { kind: 'postgres' as const, connectionString: database.connectionString },
    close: () => database.drop(),
  };
};

describeBusContract('Postgres', openAddress);
describeGroupMembers('Postgres', openAddress);
describeSeveralInHand('Postgres', openAddress, { overlaps: false });
