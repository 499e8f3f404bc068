import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { connectToAws, createRoleVerifier } from '@orgtrail/aws';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { createPool, migrate } from '@orgtrail/database';
import { createPostgresBus, type Bus } from '@orgtrail/messaging';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import type pg from 'pg';
import { createDiscovery, type Discovery } from '../discovery.js';
import { createIntegration, newIntegration } from '../integrations/administer.js';
import type { GivenIntegration } from '../integrations/register-from-environment.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { migrations } from '../migrations/index.js';
import { createDiscoveryMetrics } from '../proof/metrics.js';
import { askRefresh } from '../refresh/sql/ask-refresh.js';
import { subjectKey } from '../subjects.js';

jest.setTimeout(120_000);

// Longer than a busy machine takes for what stands between two renewals.
const leaseSeconds = 6;
const rolePath = 'security/orgtrail';
let database: TestDatabase;
let bus: Bus;
let simulators: Simulator[];
let running: Discovery[];
let pools: pg.Pool[];
let silent: Server;
/** Of each replica, in the order of their starts. */
let heldShown: (() => readonly (readonly [string, number])[])[];

beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
  bus = await createPostgresBus({ pool: database.pool, logger: createLogger({ service: 'test', level: 'silent' }) });
  simulators = await Promise.all([51, 52].map((seed) => startSimulator({ seed, accounts: 8, organizationalUnits: 2 })));
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  [running, pools, heldShown] = [[], [], []];
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  await bus.close();
  await Promise.all(pools.map((pool) => pool.end()));
  await Promise.all(simulators.map((simulator) => simulator.close()));
  silent.closeAllConnections();
  silent.close();
  await database.drop();
});

/** A replica of discovery. Roles of accounts that no organization has lead to an endpoint that never answers. */
async function replica({
  pool = database.pool,
  given,
  rateShare = 1000,
  readOnce = false,
}: { pool?: pg.Pool; given?: GivenIntegration; rateShare?: number; readOnce?: boolean } = {}): Promise<Discovery> {
  const reach = (roleArn: string | undefined) => {
    const account = roleArn?.split(':')[4] ?? '';
    const simulator = simulators.find(({ organization }) => organization.accounts.has(account));
    return simulator === undefined && roleArn !== undefined
      ? {
          endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
          credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
        }
      : {
          endpoint: (simulator ?? simulators[0]!).endpoint,
          credentials: (simulator ?? simulators[0]!).credentialsFor('999988887777'),
        };
  };
  const discovery = createDiscovery({
    pool,
    bus,
    connect: (role) => connectToAws({ ...reach(role.roleArn), ...role, rateShare }),
    verifier: () => createRoleVerifier({ ...reach(undefined), membersPerSecond: 500 }),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: {
      ...createDiscoveryMetrics(createMetrics().meter),
      observeHeldDeletions: (counts) => {
        heldShown.push(counts);
        return () => undefined;
      },
    },
    process: {
      missedChangeWindowSeconds: 900,
      membersPerSecond: 500,
      readOnce,
      confirmation: { confirmAfterSeconds: [0.5], confirmNotFoundAfterSeconds: 0.3, maximumRetrySeconds: 1 },
    },
    replica: { leaseSeconds },
    given,
  });
  running.push(discovery);
  await discovery.start();
  return discovery;
}
async function integrationOf(simulator: Simulator, name: string): Promise<string> {
  simulator.actions.putRoleInEveryAccount({ roleName: rolePath, trustedPrincipal: '999988887777', externalId: `id-of-${name}` });
  const roleArn = `arn:aws:iam::${simulator.organization.managementAccount.id}:role/${rolePath}`;
  return made(name, { roleArn, externalId: `id-of-${name}`, queueUrl: simulator.queueUrl });
}
async function made(name: string, settings: object): Promise<string> {
  return (await createIntegration(database.pool, newIntegration.parse({ name, syncInterval: '1d', ...settings }))).id;
}
async function eventually(expected: () => void | Promise<void>, withinMs = 40_000): Promise<void> {
  const giveUp = Date.now() + withinMs;
  for (;;) {
    try {
      await expected();
      return;
    } catch (error) {
      if (Date.now() > giveUp) throw error;
      await delay(50);
    }
  }
}
const watchersOf = (id: string, ...replicas: Discovery[]): number =>
  replicas.filter((one) => one.connectionOf(id) !== undefined).length;
const conditionOf = async (id: string) => (await selectIntegration(database.pool, id))?.condition;
const synced = async (id: string): Promise<void> => {
  expect((await selectIntegration(database.pool, id))?.lastFullSyncAt).toBeInstanceOf(Date);
};
async function syncsOf(id: string): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `SELECT count(*)::int FROM discovery.full_syncs WHERE integration_id = $1`,
    [id],
  );
  return rows[0]?.count ?? 0;
}
/** An event comes in and is in what discovery knows. */
async function hears(simulator: Simulator, id: string): Promise<void> {
  const { id: accountId } = simulator.organization.managementAccount;
  const value = String(performance.now());
  simulator.actions.tagResource({ resourceId: accountId, tags: { heard: value } });
  await eventually(async () => {
    const { rows } = await database.pool.query<{ parts: object }>(
      `SELECT parts FROM discovery.observed_subjects WHERE integration_id = $1 AND subject = $2`,
      [id, `account:${accountId}`],
    );
    expect(JSON.stringify(rows[0]?.parts)).toContain(value);
  });
}

it('two replicas watch each organization once, and one that leaves is followed at once, without another full sync', async () => {
  const ids = [await integrationOf(simulators[0]!, 'one'), await integrationOf(simulators[1]!, 'two')];
  const first = await replica();
  for (const id of ids) await eventually(() => synced(id));
  const second = await replica();
  // Beyond its share, the first gives one back.
  await eventually(() => {
    for (const id of ids) expect(watchersOf(id, first, second)).toBe(1);
    expect(ids.filter((id) => second.connectionOf(id))).toHaveLength(1);
  });
  for (const [index, id] of ids.entries()) await hears(simulators[index]!, id);

  await first.stop();
  const leftAt = performance.now();
  await eventually(() => expect(ids.map((id) => watchersOf(id, second))).toEqual([1, 1]));
  expect(performance.now() - leftAt).toBeLessThan(leaseSeconds * 1000);
  for (const [index, id] of ids.entries()) await hears(simulators[index]!, id);
  expect(await Promise.all(ids.map(syncsOf))).toEqual([1, 1]);
});

it('an integration whose settings this version does not understand is left alone, and keeps nobody from the others', async () => {
  const [good, strange] = [await integrationOf(simulators[0]!, 'one'), await integrationOf(simulators[1]!, 'two')];
  await database.pool.query(
    `UPDATE discovery.integrations SET settings = settings || '{"syncInterval": "now and then"}' WHERE id = $1`,
    [strange],
  );
  const only = await replica();
  await eventually(() => synced(good));
  await hears(simulators[0]!, good);
  const { rows } = await database.pool.query<{ integration_id: string }>('SELECT integration_id FROM discovery.claims');
  expect(rows).toEqual([{ integration_id: good }]);
  expect(watchersOf(strange, only)).toBe(0);
});

it('a replica without its database stops watching by its own clock, and another goes on', async () => {
  const id = await integrationOf(simulators[0]!, 'one');
  const pool = createPool({ connectionString: database.connectionString, applicationName: 'cut-off', max: 10 });
  pools.push(pool);
  const cutOff = await replica({ pool });
  await eventually(() => synced(id));
  const other = await replica();
  await delay(1500);
  expect(watchersOf(id, cutOff, other)).toBe(1);
  expect(cutOff.connectionOf(id)).toBeDefined();

  const away = jest.spyOn(pool, 'query').mockImplementation(() => Promise.reject(new Error('The database is away.')) as never);
  const connect = jest
    .spyOn(pool, 'connect')
    .mockImplementation(() => Promise.reject(new Error('The database is away.')) as never);
  await eventually(() => {
    expect(cutOff.connectionOf(id)).toBeUndefined();
    expect(other.connectionOf(id)).toBeDefined();
  });
  await hears(simulators[0]!, id);
  away.mockRestore();
  connect.mockRestore();
  await delay(2000);
  expect(watchersOf(id, cutOff, other)).toBe(1);
  expect(other.connectionOf(id)).toBeDefined();
});

it('the integration of the environment is watched by one of the replicas that have it, and all are ready when it is read', async () => {
  const [simulator] = simulators as [Simulator];
  simulator.actions.putRoleInEveryAccount({ roleName: rolePath, trustedPrincipal: '999988887777', externalId: 'given' });
  const roleArn = `arn:aws:iam::${simulator.organization.managementAccount.id}:role/${rolePath}`;
  const given: GivenIntegration = { settings: { roleArn, queueUrl: simulator.queueUrl }, externalId: 'given' };
  const [first, second] = [await replica({ given }), await replica({ given })];
  const { id } = second.integration();
  expect(first.integration().id).toBe(id);
  expect(watchersOf(id, first, second)).toBe(1);
  for (const one of [first, second]) await eventually(async () => one.checks?.['first full sync']?.());
  expect(await syncsOf(id)).toBe(1);
});

it('whoever only reads once does not read beside a watch, and takes part in no sharing where there is none', async () => {
  const other = await integrationOf(simulators[1]!, 'other');
  const [simulator] = simulators as [Simulator];
  simulator.actions.putRoleInEveryAccount({ roleName: rolePath, trustedPrincipal: '999988887777', externalId: 'given' });
  const roleArn = `arn:aws:iam::${simulator.organization.managementAccount.id}:role/${rolePath}`;
  const given: GivenIntegration = { settings: { roleArn, queueUrl: simulator.queueUrl }, externalId: 'given' };
  const once = await replica({ given, readOnce: true });
  const { id } = once.integration();
  await eventually(() => synced(id));
  expect(watchersOf(other, once)).toBe(0);
  await once.stop();

  const watching = await replica();
  await eventually(() => expect([id, other].map((one) => watchersOf(one, watching))).toEqual([1, 1]));
  await expect(replica({ given, readOnce: true })).rejects.toThrow('Another Orgtrail on this database watches the organization');
  await delay(1500);
  expect([id, other].map((one) => watchersOf(one, watching))).toEqual([1, 1]);
});

it('a role that is refused and an endpoint that hangs delay no other organization, nor the stop', async () => {
  const good = await integrationOf(simulators[0]!, 'good');
  const denied = await integrationOf(simulators[1]!, 'denied');
  simulators[1]!.actions.putRoleInEveryAccount({ roleName: rolePath, trustedPrincipal: '999988887777', externalId: 'another' });
  const hanging = await made('hanging', { roleArn: `arn:aws:iam::000000000001:role/${rolePath}`, externalId: 'id' });
  const discovery = await replica();
  await eventually(() => synced(good), 20_000);
  await hears(simulators[0]!, good);
  await eventually(async () => expect(await conditionOf(denied)).toMatchObject({ code: 'FAILED', cause: 'ROLE_NOT_ASSUMABLE' }));
  expect((await conditionOf(denied))?.message.split('AWS said: ')).toHaveLength(2);
  expect(await conditionOf(hanging)).toMatchObject({ code: 'WAITING' });
  expect(await conditionOf(good)).toMatchObject({ code: 'CONNECTED' });
  const stoppedAt = performance.now();
  await discovery.stop();
  expect(performance.now() - stoppedAt).toBeLessThan(20_000);
});

it('a lease that is lost ends every call and gauge at once, also while something of the watch cannot be stopped', async () => {
  const simulator = await startSimulator({ seed: 53, accounts: 60, organizationalUnits: 2 });
  simulators.push(simulator);
  const id = await integrationOf(simulator, 'large');
  const fast = await replica();
  await eventually(() => synced(id));
  await fast.stop();

  // Reads wait for their turn for seconds.
  const slow = await replica({ rateShare: 0.3 });
  await eventually(() => expect(slow.connectionOf(id)).toBeDefined());
  const accounts = [...simulator.organization.accounts.keys()].map((account) => subjectKey('account', account));
  await askRefresh(
    database.pool,
    id,
    accounts.map((subject) => ({ subject, parts: ['tags'], reason: 'operator' })),
  );
  // What an event means cannot be committed, so the intake does not stop.
  const holding = await database.pool.connect();
  await holding.query('BEGIN');
  await holding.query('LOCK TABLE discovery.events IN EXCLUSIVE MODE');
  try {
    simulator.actions.tagResource({ resourceId: simulator.organization.managementAccount.id, tags: { taken: 'not yet' } });
    const tagsRead = () => simulator.calls['ListTagsForResource'] ?? 0;
    const before = tagsRead();
    expect(heldShown.at(-1)?.()).toEqual([[id, 0]]);
    await eventually(() => expect(tagsRead()).toBeGreaterThan(before));
    await database.pool.query(
      `WITH thief AS (INSERT INTO discovery.replicas (replica_id, name, seen_until)
                      VALUES (gen_random_uuid(), 'thief', clock_timestamp() + interval '1 hour') RETURNING replica_id)
       UPDATE discovery.claims SET replica_id = thief.replica_id, until = clock_timestamp() + interval '1 hour' FROM thief`,
    );
    // Until it renews the next time.
    await delay((leaseSeconds * 1000) / 3 + 2500);
    const whenLost = tagsRead();
    expect(heldShown.at(-1)?.()).toEqual([]);
    await delay(3000);
    expect(tagsRead()).toBe(whenLost);
    expect(whenLost - before).toBeLessThan(accounts.length);
  } finally {
    await holding.query('ROLLBACK');
    holding.release();
  }
});
