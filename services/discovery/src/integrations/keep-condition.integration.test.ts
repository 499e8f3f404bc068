import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createLogger } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { insertTestIntegration } from './integration.fixture.js';
import { migrations } from '../migrations/index.js';
import { rotateWebhookSecret } from '../webhook/administer-secret.js';
import { createConditionKeeper } from './keep-condition.js';
import { selectIntegration } from './sql/select-integrations.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());

it('the condition of a watched integration follows a webhook secret, its queue and its syncs', async () => {
  const { id } = await insertTestIntegration(database.pool, '111122223333');
  const stored = async () => (await selectIntegration(database.pool, id))!;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const condition = createConditionKeeper({ pool: database.pool, logger, stored: await stored() });
  const told = async (expected: RegExp): Promise<void> => {
    const giveUp = Date.now() + 10_000;
    while (!expected.test((await stored()).condition.message)) {
      if (Date.now() > giveUp) expect((await stored()).condition.message).toMatch(expected);
      await delay(20);
    }
  };
  const isWell = /^Watching organization (?!.*only)/;
  condition.synced(undefined);
  await told(/seen by syncs only/);
  await rotateWebhookSecret(database.pool, id, { overlapHours: 0 });
  condition.notice(await stored());
  await told(isWell);
  condition.queue(new Error('denied'));
  await told(/by posted events and by syncs only: denied/);
  condition.synced(new Error('ListAccounts failed'));
  await told(/ListAccounts failed/);
  condition.synced(undefined);
  condition.queue(undefined);
  await told(isWell);
});
