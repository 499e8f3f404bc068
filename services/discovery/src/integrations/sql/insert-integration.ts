import type { Queryable } from '@orgtrail/database';
import type { IntegrationSettings } from '../settings.js';

/** Makes an integration about which AWS has not been asked yet. */
export async function insertIntegration(
  database: Queryable,
  { id, settings, externalId }: { id: string; settings: IntegrationSettings; externalId: string | undefined },
): Promise<void> {
  const { name, ...rest } = settings;
  await database.query(`INSERT INTO discovery.integrations (id, name, settings, external_id) VALUES ($1, $2, $3, $4)`, [
    id,
    name,
    JSON.stringify(rest),
    externalId ?? null,
  ]);
}
