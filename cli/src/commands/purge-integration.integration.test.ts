import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { graphWriterApi, createGraphWriter } from '@orgtrail/graph-writer';
import { createPostgresBus, type Bus } from '@orgtrail/messaging';
import {
  createAdminServer,
  createApi,
  createLogger,
  createMetrics,
  type AdminServer,
  type Component,
  type Route,
} from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { orgtrail } from '../testing/command.fixture.js';

jest.setTimeout(60_000);

const scope = 'a3bb189e-8bf9-4888-9912-ace4e6543002';
const never = 'b3bb189e-8bf9-4888-9912-ace4e6543002';
const logger = createLogger({ service: 'test', level: 'silent' });
let database: TestDatabase;
let bus: Bus;
let writer: Component;
let servers: AdminServer[];
let removed: { id: string; name: string; announced: boolean; organizationId?: string; removedAt: string }[];

/** As discovery answers. */
function discoveryRoutes(): Route[] {
  const live = {
    id: 'c3bb189e-8bf9-4888-9912-ace4e6543002',
    name: 'Live',
    description: '',
    state: 'active',
    condition: { code: 'CONNECTED', message: '', since: '2026-11-26T12:00:00Z' },
    roleArn: null,
    configureOrganizationAccounts: true,
    syncInterval: '1h',
  };
  return [
    {
      method: 'get',
      path: '/v1/integrations',
      role: 'reader',
      action: 'list',
      handle: async () => ({ status: 200, body: { integrations: [live] } }),
    },
    {
      method: 'get',
      path: '/v1/removed-integrations',
      role: 'reader',
      action: 'list',
      handle: async () => ({ status: 200, body: { integrations: removed } }),
    },
    {
      method: 'delete',
      path: '/v1/removed-integrations/:id',
      role: 'admin',
      action: 'purge',
      handle: async ({ param }) => {
        removed = removed.filter(({ id }) => id !== param('id'));
        return { status: 204 };
      },
    },
  ];
}

async function serve(...parts: Parameters<typeof createApi>[0]['parts']): Promise<string> {
  const routes = createApi({ parts, tokens: [], logger });
  const server = createAdminServer({ host: '127.0.0.1', port: 0, checks: {}, metricsHandler: () => undefined, routes });
  servers.push(server);
  await server.start();
  return server.url;
}

let urls: { discovery: string; graphWriter: string };
beforeEach(async () => {
  servers = [];
  removed = [
    { id: scope, name: 'One', announced: true, organizationId: 'o-exampleorgid', removedAt: '2026-11-26T12:00:00Z' },
    { id: never, name: 'Never connected', announced: false, removedAt: '2026-11-25T12:00:00Z' },
  ];
  database = await createTestDatabase();
  bus = await createPostgresBus({ pool: database.pool, logger });
  writer = createGraphWriter({ bus, pool: database.pool, logger, meter: createMetrics().meter });
  await writer.start();
  urls = {
    discovery: await serve({ routes: discoveryRoutes() }),
    graphWriter: await serve(graphWriterApi({ pool: database.pool, bus, feedIsOn: false })),
  };
  await database.pool.query(`INSERT INTO graph.scopes (scope, closed, last_applied_at) VALUES ($1, true, now())`, [scope]);
  await database.pool.query(
    `INSERT INTO graph.changes (scope, key, version, subject, type, kind, at)
     SELECT $1, 'a key of ' || n, n, 'account:' || n, 'aws_account', 'ENDED', now() FROM generate_series(1, 7) AS n`,
    [scope],
  );
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await writer.stop();
  await bus.close();
  await database.drop();
});

const run = (...args: string[]) =>
  orgtrail(['integration', ...args], { ORGTRAIL_URL: urls.discovery, ORGTRAIL_GRAPH_WRITER_URL: urls.graphWriter });
const history = async () => (await database.pool.query('SELECT FROM graph.changes')).rowCount;

it('shows what was removed', async () => {
  expect((await run('list-removed')).stdout).toMatch(new RegExp(`${scope} +One +o-exampleorgid +2026-11-26`));
  removed = [];
  expect((await run('list-removed')).stdout).toBe('No removed integration is kept.\n');
});

it('says what it would delete, and deletes it everywhere when it is told so', async () => {
  const asked = await run('purge', 'One');
  expect(asked).toMatchObject({ code: 2, stdout: '' });
  expect(asked.stderr).toMatch(/0 entities, 0 subjects, 7 rows of history, 0 dead letters.*One, o-exampleorgid.*--yes/);
  expect(await history()).toBe(7);

  const { code, stdout } = await run('purge', 'o-exampleorgid', '--yes');
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: `Purged ${scope}: 0 entities, 0 subjects, 7 rows of history, 0 dead letters.\n`,
  });
  expect(await history()).toBe(0);
  expect(removed.map(({ id }) => id)).toEqual([never]);
  // By its id alone it is known to the graph still: its scope stays closed.
  expect(await run('purge', scope, '--yes', '--json')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"history": 0'),
  });
});

it('purges what the graph never knew', async () => {
  expect(await run('purge', never)).toMatchObject({ code: 2, stderr: expect.stringContaining('which never knew it') });
  expect(await run('purge', 'Never connected', '--yes', '--json')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"rows": null'),
  });
  expect(removed.map(({ id }) => id)).toEqual([scope]);
});

it('deletes nothing before the graph has heard of it, unless nothing of it can come any more', async () => {
  const late = crypto.randomUUID();
  const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();
  removed = [{ id: late, name: 'Late', announced: true, removedAt: daysAgo(6.9) }];
  for (const yes of [[], ['--yes']]) {
    expect(await run('purge', 'Late', ...yes)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('has not heard of Late'),
    });
  }
  expect(removed).toHaveLength(1);
  removed = [{ id: late, name: 'Late', announced: true, removedAt: daysAgo(7.1) }];
  expect(await run('purge', 'Late', '--yes')).toMatchObject({ code: 0 });
  expect(removed).toEqual([]);
});

it('refuses what lives, what nobody knows, and what is named twice', async () => {
  expect(await run('purge', 'Live', '--yes')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('First `orgtrail integration remove`'),
  });
  for (const unknown of ['nobody', crypto.randomUUID(), '']) {
    expect(await run('purge', unknown, '--yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('There is no removed'),
    });
  }
  removed.push({ id: crypto.randomUUID(), name: 'One', announced: false, removedAt: '2026-11-24T12:00:00Z' });
  expect(await run('purge', 'One', '--yes')).toMatchObject({ code: 2, stderr: expect.stringContaining('by its id') });
  expect(await history()).toBe(7);
});
