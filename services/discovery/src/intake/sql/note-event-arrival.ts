import type { Queryable } from '@orgtrail/database';

/** An event of the organization came in just now. To the second: the row is everybody's, and thousands of events a second must not queue for it. */
export async function noteEventArrival(database: Queryable, integrationId: string): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations SET last_event_at = clock_timestamp()
      WHERE id = $1 AND (last_event_at IS NULL OR last_event_at < clock_timestamp() - interval '1 second')`,
    [integrationId],
  );
}
