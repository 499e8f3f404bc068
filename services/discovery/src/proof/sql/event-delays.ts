import type { Queryable } from '@orgtrail/database';
import type { DelayCount } from '../delay-histogram.js';

/** Adds to this hour's histogram. */
export async function addDelays(database: Queryable, counts: readonly (DelayCount & { integrationId: string })[]): Promise<void> {
  if (counts.length === 0) return;
  await database.query(
    `INSERT INTO discovery.event_delays AS kept (integration_id, hour, part, bucket, events, longest_ms)
     SELECT integration.id, date_trunc('hour', clock_timestamp()), seen.part, seen.bucket, seen.events, seen."longestMs"
       FROM json_to_recordset($1::json) AS seen ("integrationId" uuid, part text, bucket smallint, events bigint, "longestMs" bigint)
       JOIN discovery.integrations AS integration ON integration.id = seen."integrationId" AND integration.state <> 'removed'
      ORDER BY integration.id, seen.part, seen.bucket
         ON CONFLICT (integration_id, hour, part, bucket)
         DO UPDATE SET events = kept.events + excluded.events, longest_ms = greatest(kept.longest_ms, excluded.longest_ms)`,
    [JSON.stringify(counts)],
  );
}

/** Of the last 24 hours, to the hour. */
export async function selectDelays(database: Queryable, integrationId: string): Promise<DelayCount[]> {
  const { rows } = await database.query<{ part: DelayCount['part']; bucket: number; events: string; longest_ms: string }>(
    `SELECT part, bucket, sum(events) AS events, max(longest_ms) AS longest_ms FROM discovery.event_delays
      WHERE integration_id = $1 AND hour > clock_timestamp() - interval '24 hours' GROUP BY part, bucket ORDER BY part, bucket`,
    [integrationId],
  );
  return rows.map(({ part, bucket, events, longest_ms }) => ({
    part,
    bucket,
    events: Number(events),
    longestMs: Number(longest_ms),
  }));
}
