import type { Queryable } from '@orgtrail/database';

/** Asks for a full sync. Asking again changes nothing but the reason before it starts, and asks for one more afterwards. */
export async function askFullSync(database: Queryable, integrationId: string, reason: string): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations SET full_sync_ask = nextval('discovery.asks'), full_sync_reason = $2 WHERE id = $1`,
    [integrationId, reason],
  );
}

/** Asks for a light sync. A full one that comes first answers it, too. */
export async function askLightSync(database: Queryable, integrationId: string, reason: string): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations SET light_sync_ask = nextval('discovery.asks'), light_sync_reason = $2 WHERE id = $1`,
    [integrationId, reason],
  );
}
