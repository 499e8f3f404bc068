import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { createPostgresBus, type Bus } from '@orgtrail/messaging';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { assembleDiscovery, type Assembly } from '../assemble.js';
import { moveOf } from '../intake/intake.fixture.js';
import { rotateWebhookSecret } from './administer-secret.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let bus: Bus;
let simulator: Simulator;
let assembly: Assembly;

beforeAll(async () => {
  database = await createTestDatabase();
  const logger = createLogger({ service: 'test', level: 'silent' });
  bus = await createPostgresBus({ pool: database.pool, logger });
  simulator = await startSimulator({ seed: 71, accounts: 8, organizationalUnits: 3 });
  assembly = assembleDiscovery({
    pool: database.pool,
    bus,
    logger,
    meter: createMetrics().meter,
    aws: { endpoint: simulator.endpoint, credentials: simulator.credentials, rateShare: 1000 },
    api: {},
    webhook: { host: '127.0.0.1', port: 0 },
    given: { settings: {}, externalId: undefined },
    process: {
      missedChangeWindowSeconds: 900,
      membersPerSecond: 500,
      confirmation: { confirmAfterSeconds: [60], confirmNotFoundAfterSeconds: 60, maximumRetrySeconds: 60 },
    },
  });
  await assembly.discovery.start();
  await assembly.webhook?.start();
});
afterAll(async () => {
  await assembly.webhook?.stop();
  await assembly.discovery.stop();
  await bus.close();
  await simulator.close();
  await database.drop();
});

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  const giveUp = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > giveUp) throw new Error(`It did not come to pass: ${condition.toString()}`);
    await delay(50);
  }
}

it('a replica that listens for posts says so to the others', async () => {
  const { rows } = await database.pool.query<{ takes_posts: boolean }>(`SELECT takes_posts FROM discovery.replicas`);
  expect(rows).toEqual([{ takes_posts: true }]);
});

it('a posted event is read from AWS like one from a queue, where there is no queue', async () => {
  const { id, managementAccountId } = assembly.discovery.integration();
  await eventually(async () => {
    const { rows } = await database.pool.query(`SELECT 1 FROM discovery.integrations WHERE id = $1 AND baseline_at IS NOT NULL`, [
      id,
    ]);
    return rows.length > 0;
  });
  const { secret } = await rotateWebhookSecret(database.pool, id, { overlapHours: 0 });
  const account = [...simulator.organization.accounts.values()].find(({ id: one }) => one !== managementAccountId)!;
  const destination = [...simulator.organization.organizationalUnits.keys()].find((unit) => unit !== account.parentId)!;
  simulator.actions.moveAccount({ accountId: account.id, destinationParentId: destination });

  const post = (): Promise<Response> =>
    fetch(`http://127.0.0.1:${assembly.webhook?.port}/v1/events/${id}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-orgtrail-webhook-secret': secret },
      body: moveOf({ accountId: account.id, from: managementAccountId }),
    });
  await eventually(async () => (await post()).status === 202);
  await eventually(async () => {
    const { rows } = await database.pool.query<{ parts: object }>(
      `SELECT parts FROM discovery.observed_subjects WHERE integration_id = $1 AND subject = $2`,
      [id, `account:${account.id}`],
    );
    return JSON.stringify(rows[0]?.parts).includes(destination);
  });
});
