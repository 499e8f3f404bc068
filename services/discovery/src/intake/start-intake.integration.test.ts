import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectToAws, type AwsConnection } from '@orgtrail/aws';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { migrate } from '@orgtrail/database';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import type { Integration } from '../integrations/integration.js';
import type { Loop } from '@orgtrail/service-runtime';
import { migrations } from '../migrations/index.js';
import { createDiscoveryMetrics } from '../proof/metrics.js';
import { holdEvents, moveOf } from './intake.fixture.js';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import { startIntake, type IntakeOptions } from './start-intake.js';

let database: TestDatabase;
let simulator: Simulator;
let aws: AwsConnection;
let integration: Integration;
let intake: Loop | undefined;
let warnings: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());
beforeEach(async () => {
  simulator = await startSimulator({ seed: 7, accounts: 3, organizationalUnits: 1 });
  aws = connectToAws({ endpoint: simulator.endpoint, region: 'us-east-1', credentials: simulator.credentialsFor(management()) });
  integration = await insertTestIntegration(database.pool, management());
  warnings = [];
});
afterEach(async () => {
  await intake?.stop();
  aws.destroy();
  await simulator.close();
});

const management = () => simulator.organization.managementAccount.id;
function start(more: Partial<IntakeOptions> = {}): void {
  const logger = createLogger({ service: 'test', level: 'silent' });
  logger.warn = (...said: unknown[]) => void warnings.push(said.filter((word) => typeof word === 'string').join());
  intake = startIntake({
    pool: database.pool,
    integration,
    queue: aws.queue(simulator.queueUrl),
    metrics: createDiscoveryMetrics(createMetrics().meter),
    logger,
    onHints: () => undefined,
    ...more,
  });
}
const noted = async (): Promise<number> => {
  const { rows } = await database.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM discovery.events WHERE integration_id = $1`,
    [integration.id],
  );
  return rows[0]!.count;
};
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUp = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > giveUp) throw new Error(`It did not come to pass: ${condition.toString()}`);
    await delay(20);
  }
}
const isEmpty = () => simulator.queue.bodies().length === 0;
const send = (count: number) => {
  for (let index = 0; index < count; index += 1) simulator.queue.send(moveOf({ from: management() }));
};
describe('a full queue', () => {
  it('is read by more and more receivers, up to the most', async () => {
    const release = await holdEvents(database.pool);
    send(100);
    start({ mostReceivers: 4 });
    // Each has ten messages in hand that it cannot commit.
    await until(() => aws.calls()['ReceiveMessage'] === 4);
    await delay(300);
    expect(aws.calls()['ReceiveMessage']).toBe(4);
    await release();
    await until(async () => (await noted()) === 100 && isEmpty());
    expect(warnings).toEqual([]);
  });

  it('leaves one long poll behind when it is empty', async () => {
    send(40);
    start();
    await until(async () => (await noted()) === 40 && isEmpty());
    // Helpers end with their next short poll, and then nobody asks for longer than such a poll takes.
    await until(async () => {
      const before = aws.calls()['ReceiveMessage'];
      await delay(1500);
      return aws.calls()['ReceiveMessage'] === before;
    });
    simulator.queue.send(moveOf({ from: management() }));
    await until(async () => (await noted()) === 41);
  });
});

describe('messages in hand', () => {
  it('are kept from others while they are worked on, however long that takes', async () => {
    const release = await holdEvents(database.pool);
    send(3);
    start({ visibilitySeconds: 1 });
    await until(() => (aws.calls()['ChangeMessageVisibilityBatch'] ?? 0) >= 5);
    expect(await aws.queue(simulator.queueUrl).receive({ waitSeconds: 0 })).toEqual([]);
    await release();
    await until(isEmpty);
    expect(await noted()).toBe(3);
  });

  it('are taken in by a role that may not extend their time, which is said once', async () => {
    simulator.setBehaviour({ denied: ['ChangeMessageVisibilityBatch'] });
    const release = await holdEvents(database.pool);
    send(3);
    start({ visibilitySeconds: 1 });
    await until(() => (aws.calls()['ChangeMessageVisibilityBatch'] ?? 0) >= 1);
    await delay(800);
    await release();
    await until(async () => (await noted()) === 3 && isEmpty());
    expect(warnings).toEqual([expect.stringContaining('sqs:ChangeMessageVisibility')]);
    expect(aws.calls()['ChangeMessageVisibilityBatch']).toBe(1);
  });

  it('are finished when it stops', async () => {
    const release = await holdEvents(database.pool);
    send(10);
    start();
    await until(() => simulator.queue.bodies().length === 10 && (aws.calls()['ReceiveMessage'] ?? 0) > 0);
    await delay(200);
    const stopped = intake!.stop();
    await release();
    await stopped;
    expect(await noted()).toBe(10);
    expect(isEmpty()).toBe(true);
  });
});

it('each batch is told, and why when it cannot be taken in', async () => {
  const told: unknown[] = [];
  send(1);
  // Nothing can be kept for an integration that the database does not have.
  start({ integration: { ...integration, id: crypto.randomUUID() }, onTaken: (failure) => told.push(failure) });
  await until(() => told.length === 1);
  await intake?.stop();
  expect(told[0]).toBeInstanceOf(Error);
  send(1);
  start({ onTaken: (failure) => told.push(failure) });
  await until(() => told.length === 2);
  expect(told[1]).toBeUndefined();
});

describe('messages that cannot be deleted', () => {
  it('are tried once more, then left to come again, and change nothing when they do', async () => {
    simulator.setBehaviour({ failedDeleteRate: 1 });
    send(2);
    start({ visibilitySeconds: 1 });
    await until(() => warnings.length > 0);
    expect(aws.calls()['DeleteMessageBatch']).toBe(2);
    simulator.setBehaviour({ failedDeleteRate: 0 });
    await until(isEmpty);
    expect(await noted()).toBe(2);
    const { rows } = await database.pool.query<{ causes: object[] }>(
      `SELECT causes FROM discovery.refresh_requests WHERE integration_id = $1`,
      [integration.id],
    );
    expect(rows[0]?.causes).toHaveLength(2);
  });
});
