import type pg from 'pg';
import { raiseClock } from '../observed/sql/raise-clock.js';
import type { Integration } from './integration.js';
import { integrationSettings } from './settings.js';
import { insertIntegration } from './sql/insert-integration.js';
import { updateRecognition } from './sql/update-integration.js';

/** An integration that AWS has recognised; of an organization of its own, if none is named. */
export async function insertTestIntegration(
  pool: pg.Pool,
  managementAccountId: string,
  organizationId = `o-${crypto.randomUUID().replaceAll('-', '').slice(0, 12)}`,
): Promise<Integration> {
  const id = crypto.randomUUID();
  const settings = integrationSettings.parse({ name: id });
  const organization = { organizationId, partition: 'aws', managementAccountId };
  await insertIntegration(pool, { id, settings, externalId: undefined });
  await updateRecognition(pool, id, { ...organization, isManagementAccount: true });
  await raiseClock(pool, id);
  return { ...settings, id, ...organization };
}
