import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { connectToAws, createRoleVerifier, managementRoleActions, type AwsConnection } from '@orgtrail/aws';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { migrate } from '@orgtrail/database';
import { createPostgresBus, type Bus } from '@orgtrail/messaging';
import { consumerGroups, topics } from '@orgtrail/proto';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { createDiscovery, type Discovery } from '../../discovery.js';
import { createIntegration, newIntegration, setPaused } from '../../integrations/administer.js';
import { selectIntegrations } from '../../integrations/sql/select-integrations.js';
import { migrations } from '../../migrations/index.js';
import { createDiscoveryMetrics } from '../../proof/metrics.js';
import type { CheckResult } from './check.js';
import { integrationChecks } from './checks/index.js';
import { createDoctor, type Doctor, type DoctorOptions } from './create-doctor.js';

jest.setTimeout(90_000);

let database: TestDatabase;
let bus: Bus;
let simulator: Simulator;
let discovery: Discovery;
let doctor: Doctor;
let options: DoctorOptions;
const roleName = 'OrgtrailIntegration';

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
  // The writer's, which a service may not import.
  await migrate(database.pool, { schema: 'graph', migrations: [{ id: 1, name: 'graph', sql: 'SELECT 1' }] });
  const logger = createLogger({ service: 'test', level: 'silent' });
  bus = await createPostgresBus({ pool: database.pool, logger });
  await bus.ensureTopics(Object.values(topics).map((topic) => ({ topic, partitions: 1 })));
  bus.consume({ group: consumerGroups.accountMapper, topics: [topics.observations], onBatch: async () => undefined });
  simulator = await startSimulator({ seed: 17, accounts: 12, organizationalUnits: 3 });
  const access = {
    endpoint: simulator.endpoint,
    region: 'us-east-1',
    credentials: simulator.credentialsFor(simulator.foreignAccountId),
  };
  const shared = {
    pool: database.pool,
    bus,
    connect: (role: object): AwsConnection => connectToAws({ ...access, ...role, rateShare: 1000 }),
    verifier: () => createRoleVerifier({ ...access, membersPerSecond: 500 }),
  };
  options = { ...shared, environment: {} };
  doctor = createDoctor(options);
  discovery = createDiscovery({
    ...shared,
    logger,
    replica: { takesPosts: true },
    metrics: createDiscoveryMetrics(createMetrics().meter),
    process: {
      missedChangeWindowSeconds: 900,
      membersPerSecond: 500,
      confirmation: { confirmAfterSeconds: [0.5], confirmNotFoundAfterSeconds: 0.3, maximumRetrySeconds: 1 },
    },
  });
  await discovery.start();
  putRole('the right id');
  await createIntegration(
    database.pool,
    newIntegration.parse({
      name: 'Production',
      roleArn: roleArn(),
      externalId: 'the right id'.replaceAll(' ', '-'),
      queueUrl: simulator.queueUrl,
    }),
  );
  discovery.wake();
  await inOrderExcept('events.arriving');
  simulator.actions.tagResource({ resourceId: simulator.organization.managementAccount.id, tags: { seen: 'yes' } });
  await inOrderExcept();
});
afterAll(async () => {
  await discovery.stop();
  await bus.close();
  await simulator.close();
  await database.drop();
});
afterEach(async () => {
  simulator.setBehaviour({ denied: [], failing: {}, clockSkewMs: 0 });
  putRole('the right id');
  await inOrderExcept();
});

const roleArn = (): string => `arn:aws:iam::${simulator.organization.managementAccount.id}:role/${roleName}`;
function putRole(externalId: string | undefined): void {
  const id = externalId?.replaceAll(' ', '-');
  simulator.actions.putRoleInEveryAccount({ roleName, trustedPrincipal: simulator.foreignAccountId, externalId: id });
  simulator.actions.putRole({ arn: roleArn(), trustedPrincipal: simulator.foreignAccountId, externalId: id });
}
async function examine(): Promise<CheckResult[]> {
  const { installation, integrations } = await doctor.examine(() => selectIntegrations(database.pool));
  return [...installation, ...integrations.flatMap(({ checks }) => checks)];
}
const failedIn = (checks: readonly CheckResult[]): string[] =>
  checks.filter(({ status }) => status === 'failed').map(({ id }) => id);
/** Waits until exactly these fail, and where none does, nothing is unknown either. */
async function inOrderExcept(...ids: string[]): Promise<CheckResult[]> {
  const giveUp = Date.now() + 30_000;
  for (;;) {
    const checks = await examine();
    const unknown = checks.filter(({ status }) => status === 'unknown');
    if (failedIn(checks).join() === ids.join() && (ids.length > 0 || unknown.length === 0)) return checks;
    if (Date.now() > giveUp) {
      expect(checks.filter(({ status }) => status === 'failed' || status === 'unknown')).toEqual(ids);
    }
    await delay(200);
  }
}
const mendsOf = (checks: readonly CheckResult[], id: string): string =>
  JSON.stringify(checks.find((check) => check.id === id)?.mend ?? 'nothing');

describe('an integration that is in order', () => {
  it('has every check, and none is unknown', async () => {
    const checks = await inOrderExcept();
    expect(checks.map(({ id }) => id)).toEqual(expect.arrayContaining(integrationChecks.map(({ id }) => id)));
  });

  it('is examined once for two who ask at once', async () => {
    simulator.resetCalls();
    await examine();
    const alone = simulator.calls['ListHandshakesForOrganization'];
    simulator.resetCalls();
    await Promise.all([examine(), examine()]);
    expect(simulator.calls['ListHandshakesForOrganization']).toBe(alone);
  });
});

describe('one thing out of order is one failed check', () => {
  const operations: Record<string, string> = {
    'sqs:DeleteMessage': 'DeleteMessageBatch',
    'sqs:ChangeMessageVisibility': 'ChangeMessageVisibilityBatch',
    'tag:GetResources': 'GetResources',
  };
  it.each(managementRoleActions.map(({ action }) => action))('the role may not call %s', async (action) => {
    simulator.setBehaviour({ denied: [operations[action] ?? action.slice(action.indexOf(':') + 1)] });
    const checks = await inOrderExcept(`permission.${action}`);
    expect(mendsOf(checks, `permission.${action}`)).toContain('connect-management-account.sh');
  });

  it('the role trusts somebody else', async () => {
    simulator.actions.putRole({ arn: roleArn(), trustedPrincipal: '210987654321', externalId: 'the-right-id' });
    await inOrderExcept('role.assumable');
  });

  it('the role demands no external id', async () => {
    simulator.actions.putRole({ arn: roleArn(), trustedPrincipal: simulator.foreignAccountId });
    const checks = await inOrderExcept('role.external-id');
    expect(JSON.stringify(checks)).not.toContain('the-right-id');
  });

  it("AWS's clock is three minutes away", async () => {
    simulator.setBehaviour({ clockSkewMs: 180_000 });
    await inOrderExcept('clock.skew');
  });

  it('the integration is paused', async () => {
    const [stored] = await selectIntegrations(database.pool);
    await setPaused(database.pool, stored?.id ?? '', true);
    const checks = await inOrderExcept('integration.active');
    expect(mendsOf(checks, 'integration.active')).toContain(`orgtrail integration resume ${stored?.id ?? ''}`);
    await setPaused(database.pool, stored?.id ?? '', false);
  });

  it('a topic of the bus is gone', async () => {
    await database.pool.query(`UPDATE bus.topics SET topic = 'away' WHERE topic = $1`, [topics.deadLetters]).catch(async () => {
      await database.pool.query(`DELETE FROM bus.partitions WHERE topic = $1`, [topics.deadLetters]);
      await database.pool.query(`DELETE FROM bus.topics WHERE topic = $1`, [topics.deadLetters]);
    });
    await inOrderExcept('bus.topics');
    await bus.ensureTopics([{ topic: topics.deadLetters, partitions: 1 }]);
  });
});

/** The report of a doctor who reaches AWS by other means. */
async function examineWith(access: object): Promise<CheckResult[]> {
  const connect = (role: object) => connectToAws({ region: 'us-east-1', ...access, ...role, rateShare: 1000 });
  const { installation, integrations } = await createDoctor({ ...options, connect }).examine(() =>
    selectIntegrations(database.pool),
  );
  return [...installation, ...integrations.flatMap(({ checks }) => checks)];
}
const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };

describe('AWS that does not answer', () => {
  const servers: Server[] = [];
  afterAll(() => servers.forEach((server) => server.close().closeAllConnections()));
  const serve = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  it.each([
    ['refuses', async () => 'http://127.0.0.1:9'],
    ['is silent', () => serve(() => undefined)],
    [
      'shows a page',
      () => serve((_request, response) => response.setHeader('content-type', 'text/html').end('<html>Sign in</html>')),
    ],
  ])('but %s is unreachable, and all that needs it is unknown, never good', async (_how, endpoint) => {
    const checks = await examineWith({ endpoint: await endpoint(), credentials });
    expect(failedIn(checks)).toEqual(['network.reachable']);
    expect(mendsOf(checks, 'network.reachable')).toContain('AWS_REGION');
    expect(checks.filter(({ id, status }) => id.startsWith('permission.') && status !== 'unknown')).toEqual([]);
  });
});

it('who has no credentials at all is told so, and how to give some', async () => {
  const before = process.env;
  process.env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  };
  try {
    const checks = await examineWith({ endpoint: simulator.endpoint });
    expect(failedIn(checks)).toEqual(['credentials.valid']);
    expect(mendsOf(checks, 'credentials.valid')).toContain('AWS_PROFILE');
  } finally {
    process.env = before;
  }
});

it.each([
  ['known', `SELECT subject FROM discovery.observed_subjects WHERE live AND kind = 'account' LIMIT 4`, 'becomes less by itself'],
  ['nobody’s', `SELECT 'account:00000000000' || n AS subject FROM generate_series(1, 4) AS n`, 'webhook-secret'],
])('what events told of and AWS lets us read only in minutes is told, also where it is %s', async (_whose, subjects, mend) => {
  const slowly = createDoctor({
    ...options,
    connect: (role) => ({
      ...options.connect(role),
      allowedPerSecond: (operation) => (operation === 'ListTagsForResource' ? 0.01 : 1),
    }),
  });
  const look = async () => {
    const { integrations } = await slowly.examine(() => selectIntegrations(database.pool));
    return integrations.flatMap(({ checks }) => checks);
  };
  expect((await look()).find(({ id }) => id === 'events.read')).toMatchObject({ status: 'ok' });
  // Claimed, so that nobody reads it meanwhile.
  await database.pool.query(
    `INSERT INTO discovery.refresh_requests (integration_id, subject, lane, parts, reason, priority, ask, claimed_until)
     SELECT integration.id, subject, 'tags', '{tags}', 'event', 0, nextval('discovery.asks'), 'infinity'
       FROM discovery.integrations AS integration CROSS JOIN (${subjects}) AS named
         ON CONFLICT (integration_id, subject, lane) DO UPDATE
        SET priority = 0, confirmations = 0, due_at = clock_timestamp(), claimed_until = 'infinity', ask = excluded.ask`,
  );
  try {
    const checks = await look();
    expect(failedIn(checks)).toEqual(['events.read']);
    expect(checks.find(({ id }) => id === 'events.read')?.found).toMatch(
      /^4 reads are due, the oldest for \d s; at least 400 s more/,
    );
    expect(mendsOf(checks, 'events.read')).toContain(mend);
  } finally {
    await database.pool.query(`DELETE FROM discovery.refresh_requests WHERE claimed_until = 'infinity'`);
  }
});

it('what events told of and nobody has read for minutes is told', async () => {
  await database.pool.query(
    `INSERT INTO discovery.refresh_requests (integration_id, subject, lane, parts, reason, priority, ask, due_at, claimed_until)
     SELECT id, 'ou:ou-ab12-11111111', 'ou', '{core}', 'event', 0, nextval('discovery.asks'), clock_timestamp() - interval '6 min', 'infinity'
       FROM discovery.integrations`,
  );
  try {
    expect(failedIn(await examine())).toEqual(['events.read']);
  } finally {
    await database.pool.query(`DELETE FROM discovery.refresh_requests WHERE claimed_until = 'infinity'`);
  }
});

it("a queue of the customer's own has a way of its own, which is not judged", async () => {
  const [stored] = await selectIntegrations(database.pool);
  if (!stored) throw new Error('There is no integration.');
  const elsewhere = {
    ...stored,
    settings: { ...stored.settings, queueUrl: simulator.queueUrl.replace('orgtrail-events', 'theirs') },
  };
  const { integrations } = await doctor.examine(async () => [elsewhere]);
  const statuses = Object.fromEntries((integrations[0]?.checks ?? []).map(({ id, status }) => [id, status]));
  expect(statuses).toMatchObject({
    'events.rule': 'not-applicable',
    'events.pattern': 'not-applicable',
    'events.target': 'not-applicable',
    'queue.reachable': 'failed',
  });
});

it('posted events are as good as a queue: that they arrive is judged, and the way of a queue is not', async () => {
  const [stored] = await selectIntegrations(database.pool);
  if (!stored) throw new Error('There is no integration.');
  const posted = { ...stored, settings: { ...stored.settings, queueUrl: null }, webhook: { since: new Date() } };
  const statusesOf = async (one: typeof stored) => {
    const { integrations } = await doctor.examine(async () => [one]);
    return Object.fromEntries((integrations[0]?.checks ?? []).map(({ id, status }) => [id, status]));
  };
  expect(await statusesOf(posted)).toMatchObject({
    'queue.configured': 'not-applicable',
    'queue.reachable': 'not-applicable',
    'queue.policy': 'not-applicable',
    'events.rule': 'not-applicable',
    'events.pattern': 'not-applicable',
    'events.target': 'not-applicable',
    'events.arriving': 'ok',
  });
  const { webhook: _webhook, ...neither } = posted;
  expect(await statusesOf(neither)).toMatchObject({ 'queue.configured': 'failed', 'events.rule': 'unknown' });
});

describe('a database that is away', () => {
  it('is the one failed check, with its address and without its password', async () => {
    const { createPool } = await import('@orgtrail/database');
    const away = createPool({
      connectionString: 'postgres://orgtrail:a-password@127.0.0.1:9/orgtrail',
      applicationName: 'orgtrail-test',
      max: 1,
    });
    const report = await createDoctor({ ...options, pool: away }).examine(() => selectIntegrations(away));
    await away.end();
    expect(failedIn(report.installation)).toEqual(['database.reachable']);
    expect(report.integrations).toEqual([]);
    expect(JSON.stringify(report)).toContain('127.0.0.1:9');
    expect(JSON.stringify(report)).not.toContain('a-password');
  });
});
