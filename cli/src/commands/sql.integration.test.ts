import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { graphMigrations } from '@orgtrail/graph-writer';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { orgtrail } from '../testing/command.fixture.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orgtrail-sql-'));
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations: graphMigrations });
  await database.pool.query(
    `INSERT INTO graph.entities (scope, key, subject, type, classes, display_name, account_id, properties, version, live, created_at, updated_at)
     SELECT 's', 'arn:aws:iam::00000000000' || n || ':root', 'account:00000000000' || n, 'aws_account', '{Account}', 'account ' || n, '00000000000' || n,
            jsonb_build_object('name', E'odd \\x1b[2J ' || n, 'email', 'ana@example.com', 'status', 'ACTIVE'), 1, true, now(), now()
       FROM generate_series(1, 3) AS n`,
  );
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) => orgtrail(['sql', ...args], { DATABASE_URL: database.connectionString });

it('answers a file of docs/queries, and what is typed, as a table', async () => {
  expect(await run(fileURLToPath(new URL('../../../docs/queries/01.sql', import.meta.url)))).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^account_id +name +status +path\n[- ]+\n000000000001 +odd \\u001b\[2J 1 +ACTIVE\n[^]+\n\(3 rows\)\n$/,
    ),
  });
  expect(
    await run(
      '-e',
      `SELECT 1 AS one, NULL AS nothing, '{"a": [1]}'::jsonb AS object, timestamptz '2026-01-02Z' AS at, date '2026-01-02' AS day;`,
    ),
  ).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^one +nothing +object +at +day\n[- ]+\n1 +\{"a":\[1\]\} +2026-01-02T00:00:00.000Z +2026-01-02\n\(1 row\)\n$/,
    ),
  });
});

it('cuts in the table what is too long to be read, and nothing of the JSON', async () => {
  const long = `SELECT repeat('x', 121) AS long`;
  expect((await run('-e', long)).stdout).toContain(`\n${'x'.repeat(119)}…\n`);
  expect((await run('--json', '-e', long)).stdout).toContain(`"${'x'.repeat(121)}"`);
});

it('answers as JSON for programs, and says where there is more', async () => {
  const { stdout } = await run('--json', '--limit', '2', '-e', 'SELECT account_id AS id FROM graph.accounts ORDER BY 1');
  expect(JSON.parse(stdout)).toEqual({ rows: [{ id: '000000000001' }, { id: '000000000002' }], hasMore: true });
  expect((await run('--limit', '1', '-e', 'SELECT generate_series(1, 1000000000) AS n')).stdout).toContain(
    '(the first 1 row: --limit',
  );
});

it('runs as a reader, without e-mail addresses, and changes nothing', async () => {
  const ask = async (sql: string) => JSON.parse((await run('--json', '-e', sql)).stdout) as unknown;
  expect(await ask('SELECT current_user AS who, count(email)::int AS addresses FROM graph.accounts')).toEqual({
    rows: [{ who: 'orgtrail_reader', addresses: 0 }],
    hasMore: false,
  });
  for (const [sql, why] of [
    ['SELECT * FROM graph.entities', 'permission denied for view|table entities. Readers read the views'],
    ['DELETE FROM graph.entities', 'One SELECT is run at a time'],
    ['SELECT 1; COMMIT; DROP SCHEMA graph CASCADE', 'One SELECT is run at a time'],
    ["SELECT pg_catalog.set_config('transaction_read_only', 'off', false)", 'must be set before any query'],
    ['SELECT\n  nam\n FROM graph.accounts', 'in line 2: column "nam" does not exist'],
  ] as const) {
    const { code, stdout, stderr } = await run('-e', sql);
    expect({ sql, code, stdout }).toEqual({ sql, code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(why));
  }
  expect(await ask('SELECT count(*)::int AS accounts FROM graph.accounts')).toMatchObject({ rows: [{ accounts: 3 }] });
});

it('finds the database of a running `orgtrail up`, and says what to do where there is none', async () => {
  writeFileSync(
    join(folder, 'connection.json'),
    JSON.stringify({ pid: process.pid, pids: [], databaseUrl: database.connectionString }),
  );
  expect(await orgtrail(['sql', '--data-directory', folder, '-e', 'SELECT 1 AS one'], {})).toMatchObject({ code: 0 });
  expect(await orgtrail(['sql', '--data-directory', join(folder, 'none'), '-e', 'SELECT 1'], {})).toMatchObject({
    code: 78,
    stderr: expect.stringContaining('set DATABASE_URL, or run'),
  });
});

it('wants one query', async () => {
  expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('Give one query') });
  expect(await run('a.sql', '-e', 'SELECT 1')).toMatchObject({ code: 2 });
  expect(await run(join(folder, 'none.sql'))).toMatchObject({ code: 2, stderr: expect.stringContaining('cannot be read') });
  expect(await run('--limit', '0', '-e', 'SELECT 1')).toMatchObject({ code: 2, stderr: expect.stringContaining('1 to 1000000') });
});
