import { expect, it } from '@jest/globals';
import { createTestDatabase } from '@orgtrail/testkit';
import { migrateDatabase } from './migrate-database.js';

const migrations = [
  { id: 1, name: 'one', sql: 'CREATE TABLE job.one (id int)' },
  { id: 2, name: 'two', sql: 'CREATE TABLE job.two (id int)' },
];
const settings = { applicationName: 'orgtrail-test', timeoutMs: 5_000, schema: 'job', migrations };

it('migrates once, and tells what it did', async () => {
  const database = await createTestDatabase();
  try {
    const given = { ...settings, connectionString: database.connectionString };
    expect(await migrateDatabase(given)).toEqual({ applied: [1, 2] });
    expect(await migrateDatabase(given)).toEqual({ applied: [] });
  } finally {
    await database.drop();
  }
});

it('says which address does not answer', async () => {
  const connectionString = 'postgres://me:secret@127.0.0.1:1/orgtrail';
  await expect(migrateDatabase({ ...settings, connectionString, timeoutMs: 300 })).rejects.toMatchObject({
    exitCode: 69,
    message: expect.stringMatching(/^Postgres at 127\.0\.0\.1:1 \(DATABASE_URL\) did not answer within 0\.3 s/),
  });
});
