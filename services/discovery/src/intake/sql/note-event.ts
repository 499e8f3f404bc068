import type { Queryable } from '@orgtrail/database';
import type { StoredCause } from '../../observed/sql/store-subjects.js';

/** Notes an event. Returns false when it was noted before. */
export async function noteEvent(
  database: Queryable,
  integrationId: string,
  event: { eventId: string; subjects: readonly string[]; cause: StoredCause; correlation?: string | undefined },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `INSERT INTO discovery.events (integration_id, event_id, subjects, cause, correlation) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [integrationId, event.eventId, event.subjects, JSON.stringify(event.cause), event.correlation ?? null],
  );
  return rowCount === 1;
}

/**
 * Events that AWS ties together are about the same subjects: each takes over those of the others, and can explain their changes from now
 * on. Returns the causes of the others.
 */
export async function joinCorrelated(
  database: Queryable,
  integrationId: string,
  { eventId, correlation }: { eventId: string; correlation: string },
): Promise<StoredCause[]> {
  const { rows } = await database.query<{ event_id: string; cause: StoredCause }>(
    `UPDATE discovery.events AS event
        SET subjects = (SELECT coalesce(array_agg(DISTINCT subject), '{}')
                          FROM discovery.events AS tied, unnest(tied.subjects) AS subject
                         WHERE tied.integration_id = $1 AND tied.correlation = $2)
      WHERE event.integration_id = $1 AND event.correlation = $2
  RETURNING event.event_id, event.cause`,
    [integrationId, correlation],
  );
  return rows.flatMap(({ event_id, cause }) => (event_id === eventId ? [] : [cause]));
}
