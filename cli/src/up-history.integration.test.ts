import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator } from '@orgtrail/aws-simulator';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { orgtrail, type Ended } from './testing/command.fixture.js';

let database: TestDatabase;
let simulator: Awaited<ReturnType<typeof startSimulator>>;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  simulator = await startSimulator({ seed: 3, accounts: 10, organizationalUnits: 2 });
  folder = await mkdtemp(join(tmpdir(), 'orgtrail-up-history-'));
});
afterAll(async () => {
  await simulator.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

function upOnce(env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return orgtrail(['up', '--once', '--rate-share', '100', '--data-directory', folder], {
    DATABASE_URL: database.connectionString,
    AWS_ENDPOINT_URL: simulator.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
    ...env,
  });
}

/** Versions of 1970 that the history holds, of whatever key. */
async function oldVersions(): Promise<string[]> {
  const { rows } = await database.pool.query<{ version: string }>(
    `SELECT DISTINCT version::text AS version FROM graph.changes WHERE version < 10 ORDER BY 1`,
  );
  return rows.map(({ version }) => version);
}

describe('the history of `orgtrail up`', () => {
  it('is kept whole, and where HISTORY_MONTHS is set only the last state of each key of older months is, though nothing is published', async () => {
    expect(await upOnce()).toMatchObject({ code: 0 });
    await database.pool.query(
      `INSERT INTO graph.changes (scope, key, version, subject, type, kind, state, cause, observed_at, at)
       SELECT scope, key, earlier, subject, type, kind, state, cause, observed_at, 'epoch'::timestamptz + earlier * interval '1 microsecond'
         FROM (SELECT DISTINCT ON (scope, key) * FROM graph.changes WHERE type = 'aws_account' ORDER BY scope, key, version) AS account,
              generate_series(1, 2) AS earlier`,
    );
    expect(await upOnce()).toMatchObject({ code: 0 });
    expect(await oldVersions()).toEqual(['1', '2']);
    expect(await upOnce({ HISTORY_MONTHS: '12' })).toMatchObject({ code: 0 });
    expect(await oldVersions()).toEqual(['2']);
  }, 120_000);

  it('does not start with months that are no number of months', async () => {
    const ended = await upOnce({ HISTORY_MONTHS: '0' });
    expect(ended).toMatchObject({ code: 78, stderr: expect.stringContaining('HISTORY_MONTHS') });
  }, 60_000);
});
