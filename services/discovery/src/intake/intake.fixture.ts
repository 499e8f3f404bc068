import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { integrationSettings } from '../integrations/settings.js';
import { insertIntegration } from '../integrations/sql/insert-integration.js';
import { updateRecognition } from '../integrations/sql/update-integration.js';
import { raiseClock } from '../observed/sql/raise-clock.js';

/** An integration that AWS has recognised, alone in its organization. */
export async function insertTestIntegration(pool: pg.Pool, managementAccountId: string): Promise<Integration> {
  const id = crypto.randomUUID();
  const settings = integrationSettings.parse({ name: id });
  const organization = { organizationId: `o-${id.slice(0, 8)}aa`, partition: 'aws', managementAccountId };
  await insertIntegration(pool, { id, settings, externalId: undefined });
  await updateRecognition(pool, id, { ...organization, isManagementAccount: true });
  await raiseClock(pool, id);
  return { ...settings, id, ...organization };
}

/** EventBridge's event of an account that was moved. */
export function moveOf({
  eventID = crypto.randomUUID(),
  accountId = '444455556666',
  from = '111122223333',
  principalArn = 'arn:aws:iam::111122223333:user/a',
}: {
  eventID?: string;
  accountId?: string;
  /** The account whose event bus it comes from. */
  from?: string;
  principalArn?: string;
} = {}): string {
  return JSON.stringify({
    account: from,
    time: '2026-11-24T12:00:20Z',
    detail: {
      eventID,
      eventSource: 'organizations.amazonaws.com',
      eventName: 'MoveAccount',
      eventTime: '2026-11-24T12:00:03Z',
      userIdentity: { arn: principalArn },
      requestParameters: { accountId },
    },
  });
}
