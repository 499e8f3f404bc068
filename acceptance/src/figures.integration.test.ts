import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { accountMapperMetrics, createAccountMapper } from '@orgtrail/account-mapper';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { assembleDiscovery, discoveryMetrics, type Discovery } from '@orgtrail/discovery';
import { createGraphFeed, createGraphWriter, graphFeedMetrics, graphWriterMetrics } from '@orgtrail/graph-writer';
import { createPostgresBus, type Bus, type IncomingRecord } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import {
  createAdminServer,
  createApi,
  createLogger,
  createMetrics,
  type AdminServer,
  type Component,
  type MetricDeclarations,
} from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';

jest.setTimeout(90_000);

const roleName = 'OrgtrailIntegration';
const externalId = 'the-right-id';
let database: TestDatabase;
let bus: Bus;
let simulator: Simulator;
let discovery: Discovery;
let admin: AdminServer;
let webhook: Component & { port: number };
let running: Component[];

/** All services with their metrics and the API on one address, as in `orgtrail up`. */
beforeAll(async () => {
  database = await createTestDatabase();
  const logger = createLogger({ service: 'acceptance', level: 'silent' });
  bus = await createPostgresBus({ pool: database.pool, logger });
  simulator = await startSimulator({ seed: 29, accounts: 12, organizationalUnits: 3 });
  const trustedPrincipal = simulator.foreignAccountId;
  const roleArn = `arn:aws:iam::${simulator.organization.managementAccount.id}:role/${roleName}`;
  simulator.actions.putRoleInEveryAccount({ roleName, trustedPrincipal, externalId });
  simulator.actions.putRole({ arn: roleArn, trustedPrincipal, externalId });
  const { meter, handler } = createMetrics();
  const assembly = assembleDiscovery({
    pool: database.pool,
    bus,
    logger,
    meter,
    aws: { endpoint: simulator.endpoint, credentials: simulator.credentialsFor(trustedPrincipal), rateShare: 1000 },
    given: { settings: { roleArn, queueUrl: simulator.queueUrl, syncInterval: 'disabled' }, externalId },
    webhook: { host: '127.0.0.1', port: 0 },
    process: {
      missedChangeWindowSeconds: 2,
      membersPerSecond: 500,
      confirmation: { confirmAfterSeconds: [0.3], confirmNotFoundAfterSeconds: 0.3, maximumRetrySeconds: 1 },
    },
    api: { onboardingTemplateUrl: undefined, principalArn: undefined },
  });
  discovery = assembly.discovery;
  webhook = assembly.webhook as typeof webhook;
  admin = createAdminServer({
    host: '127.0.0.1',
    port: 0,
    checks: {},
    metricsHandler: handler,
    routes: createApi({ parts: [assembly.api], tokens: [], logger }),
  });
  const writer = createGraphWriter({ bus, pool: database.pool, logger, meter });
  const feed = createGraphFeed({ bus, pool: database.pool, logger, meter });
  running = [admin, writer, feed, createAccountMapper({ bus, logger, meter }), discovery, webhook];
  for (const component of running) await component.start();
});
afterAll(async () => {
  for (const component of running.reverse()) await component.stop();
  await bus.close();
  await simulator.close();
  await database.drop();
});

interface Proof {
  inSync: { state: string; doubts: { code: string; sentence: string }[] };
  events: { state: string };
}
const api = async (method: 'GET' | 'DELETE', path: string): Promise<unknown> => {
  const response = await fetch(`${admin.url}/v1/integrations/${discovery.integration().id}${path}`, { method });
  return method === 'GET' ? response.json() : undefined;
};
const proof = async (): Promise<Proof> => (await api('GET', '/proof')) as Proof;
async function until<T>(read: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  const giveUp = Date.now() + 30_000;
  for (;;) {
    const value = await read();
    if (isSo(value)) return value;
    if (Date.now() > giveUp) throw new Error(`Still not so: ${JSON.stringify(value)}`);
    await delay(100);
  }
}
const isSettled = ({ inSync }: Proof): boolean =>
  inSync.doubts.every(
    ({ code }) => !['requests-due', 'not-published', 'not-applied', 'no-graph', 'no-complete-sync', 'not-watched'].includes(code),
  );
/** Counters begin at zero: of those, the ones that have counted. */
async function shownMetrics(): Promise<string[]> {
  const text = await (await fetch(`${admin.url}/metrics`)).text();
  return [...text.matchAll(/^# TYPE (orgtrail_\w+) (\w+)/gm)].flatMap(([, name = '', kind]) =>
    kind !== 'counter' || new RegExp(`^${name}(\\{.*\\})? (?!0\\b)`, 'm').test(text) ? [name] : [],
  );
}

it('a change takes the proof away, and only a complete sync that began late enough brings it back', async () => {
  await until(proof, isSettled);
  simulator.actions.tagResource({ resourceId: simulator.organization.managementAccount.id, tags: { Owner: 'ana' } });
  await until(proof, ({ events }) => events.state === 'arriving');
  const after = await until(proof, isSettled);
  expect(after.inSync.state).toBe('unproven');
  expect(after.inSync.doubts.map(({ code }) => code)).toEqual(['changed-since']);
  await delay(500);
  await discovery.sync('full', 'test');
  expect((await until(proof, isSettled)).inSync).toMatchObject({ state: 'proven', doubts: [] });
});

it('every documented metric appears with what it counts, and no other does', async () => {
  await until(proof, isSettled);
  const { id } = discovery.integration();
  // A change that no event announces.
  simulator.setBehaviour({ lossRate: 1 });
  simulator.actions.createOrganizationalUnit({ parentId: simulator.organization.root.id, name: 'Unannounced' });
  await discovery.sync('full', 'test');
  await until(proof, ({ events }) => events.state === 'lost');
  // A post without a secret, a record that nobody can read, and one that comes twice.
  await fetch(`http://127.0.0.1:${webhook.port}/v1/events/${id}`, { method: 'POST', body: '{}' });
  await bus.publish(topics.observations, [{ key: id, value: Buffer.from('not an observation') }]);
  const changes: IncomingRecord[] = [];
  const reader = bus.consume({
    topics: [topics.graphChanges],
    group: 'test',
    onBatch: async ({ records }) => void changes.push(...records),
  });
  const [first] = await until(
    async () => changes,
    ({ length }) => length > 0,
  );
  await reader.stop();
  const again = { key: first?.key ?? '', value: first?.value ?? null };
  await bus.publish(topics.graphChanges, [again]);
  await until(proof, ({ inSync }) => inSync.doubts.some(({ code }) => code === 'dead-letters'));
  await until(shownMetrics, (names) => names.includes('orgtrail_graph_changes_stale_total'));
  const shown = new Set(await shownMetrics());
  // What comes after the removal is of a closed scope.
  await api('DELETE', '');
  const isClosed = async () =>
    (await database.pool.query(`SELECT 1 FROM graph.scopes WHERE scope = $1 AND closed`, [id])).rowCount;
  await until(isClosed, (count) => count === 1);
  await bus.publish(topics.graphChanges, [again]);
  await until(shownMetrics, (names) => names.includes('orgtrail_graph_changes_of_closed_scopes_total'));
  for (const name of await shownMetrics()) shown.add(name);

  const documented: readonly MetricDeclarations[] = [
    discoveryMetrics,
    accountMapperMetrics,
    graphWriterMetrics,
    graphFeedMetrics,
  ];
  const names = documented.flatMap((declarations) => Object.values(declarations).map(({ name }) => name));
  expect([...shown].sort()).toEqual(names.sort());
});
