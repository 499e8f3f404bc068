import type { Queryable } from '@orgtrail/database';

export interface CallCount {
  operation: string;
  calls: number;
  throttled: number;
  /** What our share of AWS's published rate allows. */
  allowedPerSecond: number;
}

/** Adds to this minute's calls. */
export async function addCalls(database: Queryable, integrationId: string, counts: readonly CallCount[]): Promise<void> {
  if (counts.length === 0) return;
  await database.query(
    `INSERT INTO discovery.call_counts AS kept (integration_id, minute, operation, calls, throttled, allowed_per_second)
     SELECT $1, date_trunc('minute', clock_timestamp()), seen.operation, seen.calls, seen.throttled, seen."allowedPerSecond"
       FROM json_to_recordset($2::json) AS seen (operation text, calls bigint, throttled bigint, "allowedPerSecond" double precision)
      ORDER BY seen.operation
         ON CONFLICT (integration_id, minute, operation)
         DO UPDATE SET calls = kept.calls + excluded.calls, throttled = kept.throttled + excluded.throttled,
                       allowed_per_second = excluded.allowed_per_second`,
    [integrationId, JSON.stringify(counts)],
  );
}

/** Of the last hour, the busiest first. */
export async function selectCalls(database: Queryable, integrationId: string): Promise<CallCount[]> {
  const { rows } = await database.query<{ operation: string; calls: string; throttled: string; allowed: number }>(
    `SELECT operation, sum(calls) AS calls, sum(throttled) AS throttled, max(allowed_per_second) AS allowed
       FROM discovery.call_counts
      WHERE integration_id = $1 AND minute > clock_timestamp() - interval '1 hour'
      GROUP BY operation ORDER BY sum(calls) DESC, operation`,
    [integrationId],
  );
  return rows.map(({ operation, calls, throttled, allowed }) => ({
    operation,
    calls: Number(calls),
    throttled: Number(throttled),
    allowedPerSecond: allowed,
  }));
}
