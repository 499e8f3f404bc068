import type { Queryable } from '@orgtrail/database';

export interface EventArrival {
  /** When the newest event was taken in; undefined: none ever. */
  lastEventAt?: Date;
  /** When the newest event that has come happened, by its own time. */
  lastHappenedAt?: Date;
  /** Seconds from what happened to the queue, of the newest events of a day (at most 5), newest first. */
  delays: number[];
  /** Changes of the last 7 days that a full sync found and no event had named. */
  missed: number;
  lastMissedAt?: Date;
}

export async function selectEventArrival(database: Queryable, integrationId: string): Promise<EventArrival> {
  const { rows } = await database.query<{
    last_event_at: Date | null;
    last_event_happened_at: Date | null;
    delays: number[] | null;
    missed: number;
    last_missed_at: Date | null;
  }>(
    `SELECT integration.last_event_at, integration.last_event_happened_at, newest.delays, found.missed, found.last_missed_at
       FROM discovery.integrations AS integration
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS missed, max(found_at) AS last_missed_at
          FROM discovery.found_changes
         WHERE integration_id = integration.id AND outcome = 'missed' AND found_at > clock_timestamp() - interval '7 days') AS found
      CROSS JOIN LATERAL (
        SELECT array_agg(delay ORDER BY received_at DESC) AS delays
          FROM (SELECT received_at, extract(epoch FROM (coalesce(cause->>'sentAt', cause->>'receivedAt'))::timestamptz - (cause->>'eventTime')::timestamptz)::float8 AS delay
                  FROM discovery.events
                 WHERE integration_id = integration.id AND cause ? 'eventTime' AND cause ? 'receivedAt'
                 ORDER BY received_at DESC LIMIT 5) AS event) AS newest
      WHERE integration.id = $1`,
    [integrationId],
  );
  const [row] = rows;
  return {
    ...(row?.last_event_at ? { lastEventAt: row.last_event_at } : {}),
    ...(row?.last_event_happened_at ? { lastHappenedAt: row.last_event_happened_at } : {}),
    delays: row?.delays ?? [],
    missed: row?.missed ?? 0,
    ...(row?.last_missed_at ? { lastMissedAt: row.last_missed_at } : {}),
  };
}
