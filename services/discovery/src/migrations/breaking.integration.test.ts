import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate, MigrationError } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { migrations } from './index.js';
import { lanesSchema } from './0008-lanes.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('a version from before the lanes of requests does not start after them, since it would find two rows for one', async () => {
  await migrate(database.pool, { schema: 'discovery', migrations });
  const before = migrations.filter(({ id }) => id < lanesSchema.id);
  const starting = migrate(database.pool, { schema: 'discovery', migrations: before });
  await expect(starting).rejects.toThrow(MigrationError);
  await expect(starting).rejects.toThrow('"lanes" is breaking');
});
