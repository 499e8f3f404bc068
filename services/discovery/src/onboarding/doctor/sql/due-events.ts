import type { Queryable } from '@orgtrail/database';

/** Of the reads that events ask for and that are due. */
export interface DueEvents {
  /** How many are of accounts, OUs or others that do not live for us, as far as anybody knows. */
  strangers: number;
  /** How long the oldest has been due. */
  oldestSeconds: number;
}

export async function selectDueEvents(database: Queryable, integrationId: string): Promise<DueEvents> {
  const { rows } = await database.query<{ strangers: number; oldest: number | null }>(
    `SELECT count(*) FILTER (WHERE NOT EXISTS (
              SELECT 1 FROM discovery.observed_subjects AS observed
               WHERE observed.integration_id = $1 AND observed.subject = request.subject AND observed.live))::int AS strangers,
            extract(epoch FROM clock_timestamp() - min(request.due_at))::float8 AS oldest
       FROM discovery.refresh_requests AS request
      WHERE request.integration_id = $1 AND request.urgency = 0 AND request.due_at <= clock_timestamp()`,
    [integrationId],
  );
  return { strangers: rows[0]?.strangers ?? 0, oldestSeconds: Math.round(rows[0]?.oldest ?? 0) };
}
