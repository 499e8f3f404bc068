import type { Queryable } from '@orgtrail/database';
import type { StoredCause } from '../../observed/sql/store-subjects.js';

export interface NotableEvent {
  eventId: string;
  subjects: readonly string[];
  cause: StoredCause;
  correlation?: string | undefined;
}

/** Notes events of different ids. Returns the ids of those that were not noted before. */
export async function noteEvents(
  database: Queryable,
  integrationId: string,
  events: readonly NotableEvent[],
): Promise<ReadonlySet<string>> {
  if (events.length === 0) return new Set();
  const { rows } = await database.query<{ event_id: string }>(
    `INSERT INTO discovery.events (integration_id, event_id, subjects, cause, correlation)
     SELECT $1, event.event_id, ARRAY(SELECT jsonb_array_elements_text(event.subjects)), event.cause, event.correlation
       FROM json_to_recordset($2::json) AS event (event_id text, subjects jsonb, cause jsonb, correlation text)
      ORDER BY event.event_id COLLATE "C"
         ON CONFLICT DO NOTHING
  RETURNING event_id`,
    [
      integrationId,
      JSON.stringify(
        events.map(({ eventId, subjects, cause, correlation }) => ({ event_id: eventId, subjects, cause, correlation })),
      ),
    ],
  );
  return new Set(rows.map(({ event_id }) => event_id));
}

export interface TiedEvent {
  correlation: string;
  cause: StoredCause;
}

/**
 * Events that AWS ties together are about the same subjects: each takes over those of the others, and can explain their changes from now
 * on. Returns all events of these correlations.
 */
export async function joinCorrelated(
  database: Queryable,
  integrationId: string,
  correlations: readonly string[],
): Promise<TiedEvent[]> {
  if (correlations.length === 0) return [];
  const { rows } = await database.query<TiedEvent>(
    `UPDATE discovery.events AS event
        SET subjects = (SELECT coalesce(array_agg(DISTINCT subject), '{}')
                          FROM discovery.events AS tied, unnest(tied.subjects) AS subject
                         WHERE tied.integration_id = $1 AND tied.correlation = event.correlation)
      WHERE event.integration_id = $1 AND event.correlation = ANY ($2)
  RETURNING event.correlation, event.cause`,
    [integrationId, correlations],
  );
  return rows;
}
