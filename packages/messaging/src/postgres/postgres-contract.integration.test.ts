import { jest } from '@jest/globals';
import { createTestDatabase } from '@orgtrail/testkit';
import { describeBusContract } from '../contract/bus-contract.js';

jest.setTimeout(120_000);

describeBusContract('Postgres', async () => {
  const database = await createTestDatabase();
  return { address: { kind: 'postgres', connectionString: database.connectionString }, close: () => database.drop() };
});
