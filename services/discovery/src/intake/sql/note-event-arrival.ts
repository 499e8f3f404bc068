import type { Queryable } from '@orgtrail/database';

/** An event of the organization came in just now. */
export async function noteEventArrival(database: Queryable, integrationId: string): Promise<void> {
  await database.query(`UPDATE discovery.integrations SET last_event_at = clock_timestamp() WHERE id = $1`, [integrationId]);
}
