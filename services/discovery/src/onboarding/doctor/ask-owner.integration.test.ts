import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { createPostgresBus, type Bus } from '@orgtrail/messaging';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { assembleDiscovery, type Assembly } from '../../assemble.js';
import { selectIntegrations } from '../../integrations/sql/select-integrations.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let simulator: Simulator;
let bus: Bus;
let watching: Assembly;
let other: Assembly;
const logger = createLogger({ service: 'test', level: 'silent' });

beforeAll(async () => {
  database = await createTestDatabase();
  bus = await createPostgresBus({ pool: database.pool, logger });
  simulator = await startSimulator({ seed: 72, accounts: 8, organizationalUnits: 3 });
  watching = replica({ endpoint: simulator.endpoint, given: { settings: {}, externalId: undefined } });
  await watching.discovery.start();
  // Nothing of AWS is where this one looks.
  other = replica({ endpoint: 'http://127.0.0.1:1' });
  await other.discovery.start();
});
afterAll(async () => {
  await other.discovery.stop();
  await watching.discovery.stop();
  await bus.close();
  await simulator.close();
  await database.drop();
});

function replica({ endpoint, given }: { endpoint: string; given?: { settings: object; externalId: undefined } }): Assembly {
  return assembleDiscovery({
    pool: database.pool,
    bus,
    logger,
    meter: createMetrics().meter,
    aws: { endpoint, credentials: simulator.credentials, rateShare: 1000 },
    api: {},
    given,
    process: {
      missedChangeWindowSeconds: 900,
      membersPerSecond: 500,
      confirmation: { confirmAfterSeconds: [60], confirmNotFoundAfterSeconds: 60, maximumRetrySeconds: 60 },
    },
  });
}

it('an integration is examined by the replica that watches it, out of its budget, whichever is asked', async () => {
  const { integrations } = await other.doctor.examine(() => selectIntegrations(database.pool));
  const statuses = Object.fromEntries((integrations[0]?.checks ?? []).map(({ id, status }) => [id, status]));
  expect(statuses).toMatchObject({
    'role.account': 'ok',
    'permission.organizations:ListAccounts': 'ok',
    'organization.same': 'ok',
  });
  // Both are one budget: what the watch used is told with it.
  const { id } = watching.discovery.integration();
  const budget = watching.discovery.connectionOf(id)?.budget() ?? [];
  expect(budget.find(({ operation }) => operation === 'ListAccounts')?.usedLast60s).toBe(simulator.calls['ListAccounts']);
});
