import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import type { Integration } from '../integrations/integration.js';
import { integrationSettings } from '../integrations/settings.js';
import { insertIntegration } from '../integrations/sql/insert-integration.js';
import { updateRecognition } from '../integrations/sql/update-integration.js';
import { migrations } from '../migrations/index.js';
import { recordReads } from '../observed/record-reads.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { raiseClock } from '../observed/sql/raise-clock.js';
import { unpublishedSubjects } from '../observed/sql/unpublished-subjects.js';
import { claimDueRequests } from '../refresh/sql/claim-due-requests.js';
import { subjectKey } from '../subjects.js';
import { takeIn } from './take-in.js';

let database: TestDatabase;
let integration: Integration;
const account = '111122223333';

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());
beforeEach(async () => {
  const id = crypto.randomUUID();
  const settings = integrationSettings.parse({ name: id });
  const organization = { organizationId: `o-${id.slice(0, 8)}aa`, partition: 'aws', managementAccountId: account };
  await insertIntegration(database.pool, { id, settings, externalId: undefined });
  await updateRecognition(database.pool, id, { ...organization, isManagementAccount: true });
  await raiseClock(database.pool, id);
  integration = { ...settings, id, ...organization };
});

/** A sample of CloudTrail, wrapped as EventBridge delivers it to the management account's queue. */
function delivered(file: string): string {
  const sample = JSON.parse(readFileSync(new URL(`../events/fixtures/cloudtrail/${file}`, import.meta.url), 'utf8')) as object;
  // The pages of AWS use one example id for several events.
  const detail = { ...sample, eventID: crypto.randomUUID() };
  return JSON.stringify({
    version: '0',
    id: crypto.randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.organizations',
    account,
    detail,
  });
}
const take = (file: string) => takeIn(database.pool, integration, { id: crypto.randomUUID(), body: delivered(file) });
const created = subjectKey('account', '444455556666');

describe('CreateAccount and its result', () => {
  it('are tied by their request, so that the account was created by whoever asked for it', async () => {
    expect(await take('org-create-account.json')).toEqual([{ outcome: 'hints', eventName: 'CreateAccount' }]);
    expect(await take('org-create-account-result-succeeded.json')).toEqual([
      { outcome: 'hints', eventName: 'CreateAccountResult' },
    ]);
    const requests = await claimDueRequests(database.pool, integration.id, { limit: 10, leaseSeconds: 60 });
    const request = requests.find(({ subject }) => subject === created);
    expect(request?.causes.map(({ eventName }) => eventName)).toEqual(['CreateAccount', 'CreateAccountResult']);
    await recordReads(
      database.pool,
      integration,
      [
        {
          subject: created,
          reads: [
            { part: 'core', version: await drawVersion(database.pool, integration.id), value: { arn: 'arn', name: 'new' } },
          ],
          causes: request?.causes ?? [],
        },
      ],
      { publish: 'changed', baseline: false, countUnexplained: true, confirmTagsAfterSeconds: 30 },
    );
    const [published] = await unpublishedSubjects(database.pool, integration.id, 10);
    expect(published?.cause).toMatchObject({ eventName: 'CreateAccount', principalArn: expect.stringMatching(/^arn:/) });
  });

  it('are tied also when the result overtakes the call', async () => {
    await take('org-create-account-result-succeeded.json');
    await take('org-create-account.json');
    const { rows } = await database.pool.query<{ subjects: string[] }>(
      `SELECT subjects FROM discovery.events WHERE integration_id = $1 AND cause ->> 'eventName' = 'CreateAccount'`,
      [integration.id],
    );
    expect(rows[0]?.subjects).toContain(created);
  });
});
