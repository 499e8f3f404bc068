import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { graphMigrations, graphWriterApi } from '@orgtrail/graph-writer';
import { createAdminServer, createApi, createLogger, type AdminServer } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { orgtrail } from '../testing/command.fixture.js';

jest.setTimeout(60_000);

const scope = 'a3bb189e-8bf9-4888-9912-ace4e6543002';
let database: TestDatabase;
let server: AdminServer;
let published: { topic: string; keys: string[] }[];

beforeEach(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations: graphMigrations });
  await database.pool.query(
    `INSERT INTO graph.dead_letters (topic, partition, "offset", group_name, code, message, record_key, record_value, headers, failed_at)
     SELECT 'orgtrail.graph-changes.v1', 0, n, 'orgtrail-graph-writer', CASE WHEN n < 3 THEN 'UNPARSABLE' ELSE 'SQLSTATE_23514' END, 'It is odd.', $1,
            '\\xffff', '{}', '2026-11-26T12:00:00Z'
       FROM generate_series(1, 3) AS n`,
    [scope],
  );
  published = [];
  const bus = {
    publish: (topic: string, records: readonly { key: string }[]) => {
      published.push({ topic, keys: records.map(({ key }) => key) });
      return Promise.resolve();
    },
  };
  const logger = createLogger({ service: 'test', level: 'silent' });
  const routes = createApi({ parts: [graphWriterApi({ pool: database.pool, bus, feedIsOn: false })], tokens: [], logger });
  server = createAdminServer({ host: '127.0.0.1', port: 0, checks: {}, metricsHandler: () => undefined, routes });
  await server.start();
});
afterEach(async () => {
  await server.stop();
  await database.drop();
});

const address = (): string => server.url;
const run = (...args: string[]) => orgtrail(['dead-letters', ...args], { ORGTRAIL_GRAPH_WRITER_URL: address() });

it('lists them for people and as JSON, some at a time', async () => {
  const { code, stdout } = await run();
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /3 +2026-11-26T12:00:00\.000Z +SQLSTATE_23514 +It is odd\. +orgtrail\.graph-changes\.v1\/0@3 +a3bb189e\S+ +open/,
  );
  expect((await run('list', '--code', 'UNPARSABLE', '--limit', '1')).stdout).toContain('There are more: --before 2');
  const { deadLetters } = JSON.parse((await run('list', '--json', '--before', '3')).stdout) as { deadLetters: { id: string }[] };
  expect(deadLetters.map(({ id }) => id)).toEqual(['2', '1']);
  expect((await run('--state', 'resolved')).stdout).toBe('There is no such dead letter.\n');
});

it('shows one', async () => {
  expect(JSON.parse((await run('show', '1')).stdout)).toMatchObject({ code: 'UNPARSABLE', payload: { bytes: 2 } });
  expect(await run('show', '99')).toMatchObject({ code: 1, stderr: expect.stringContaining('There is no dead letter 99') });
});

it('replays and discards those that are named, and tells which were not open', async () => {
  expect(await run('replay', '1', '2')).toMatchObject({ code: 0, stdout: 'Replayed: 2 (1, 2).\n' });
  expect(published).toEqual([{ topic: 'orgtrail.graph-changes.v1', keys: [scope, scope] }]);
  expect(await run('discard', '2', '3')).toMatchObject({
    code: 1,
    stdout: 'Discarded: 1 (3).\n',
    stderr: expect.stringContaining('Not open'),
  });
  expect((await run('actions')).stdout).toMatch(/local +discard dead letters +\{"ids":\["3"\],"count":1\}/);
});

it('asks before it takes many, and needs to be told which', async () => {
  expect(await run('replay', '--all')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('replay 3 dead letters. Say --yes'),
  });
  expect(await run('discard')).toMatchObject({ code: 2, stderr: expect.stringContaining('Say which') });
  expect(await run('discard', '1', '--all')).toMatchObject({ code: 2 });
  expect(published).toEqual([]);
  expect(await run('discard', '--code', 'UNPARSABLE', '--yes', '--json')).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"discarded"'),
  });
  expect((await run()).stdout.match(/open/g)).toHaveLength(1);
  // There is nothing to ask about.
  expect(await run('replay', '--code', 'UNPARSABLE')).toMatchObject({ code: 0, stdout: 'Replayed: none.\n' });
});
