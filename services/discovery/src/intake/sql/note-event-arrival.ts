import type { Queryable } from '@orgtrail/database';

/**
 * An event of the organization came in just now, that happened then. To the second: the row is everybody's, and thousands of events a
 * second must not queue for it. Nothing happens in the future, whatever its sender says.
 */
export async function noteEventArrival(
  database: Queryable,
  integrationId: string,
  { happenedAt }: { happenedAt: Date | undefined },
): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations
        SET last_event_at = clock_timestamp(),
            last_event_happened_at = greatest(last_event_happened_at, least($2::timestamptz, clock_timestamp()))
      WHERE id = $1
        AND (last_event_at IS NULL OR last_event_at < clock_timestamp() - interval '1 second'
             OR coalesce(last_event_happened_at, '-infinity') < least($2::timestamptz, clock_timestamp()) - interval '1 second')`,
    [integrationId, happenedAt ?? null],
  );
}
