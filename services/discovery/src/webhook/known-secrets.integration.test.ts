import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createLogger } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import { migrations } from '../migrations/index.js';
import { rotateWebhookSecret } from './administer-secret.js';
import { createKnownSecrets } from './known-secrets.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());

it('holds for seconds while it cannot be loaded, and not longer: it may have been revoked', async () => {
  const { id } = await insertTestIntegration(database.pool, '111122223333');
  const { secret } = await rotateWebhookSecret(database.pool, id, { overlapHours: 0 });
  let now = 0;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const secrets = createKnownSecrets({ pool: database.pool, logger, now: () => now });
  expect(secrets.sender(id, secret)).toEqual({ kind: 'not-yet' });
  await secrets.load();
  now = 9_000;
  expect(secrets.sender(id, secret)).toMatchObject({ kind: 'known', integration: { id } });
  now = 11_000;
  expect(secrets.sender(id, secret)).toEqual({ kind: 'not-yet' });
  await secrets.load();
  expect(secrets.sender(id, secret)).toMatchObject({ kind: 'known' });
});
