import type { Queryable } from '@orgtrail/database';
import type { StoredCause } from '../../observed/sql/store-subjects.js';

/** Notes an event. Returns false when it was noted before. */
export async function noteEvent(
  database: Queryable,
  integrationId: string,
  event: { eventId: string; subjects: readonly string[]; cause: StoredCause },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `INSERT INTO discovery.events (integration_id, event_id, subjects, cause) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
    [integrationId, event.eventId, event.subjects, JSON.stringify(event.cause)],
  );
  return rowCount === 1;
}
