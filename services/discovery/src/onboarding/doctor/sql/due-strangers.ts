import type { Queryable } from '@orgtrail/database';

/** How many of the reads that events ask for are of accounts, OUs or others that do not live for us, as far as anybody knows. */
export async function countDueStrangers(database: Queryable, integrationId: string): Promise<number> {
  const { rows } = await database.query<{ strangers: number }>(
    `SELECT count(*)::int AS strangers FROM discovery.refresh_requests AS request
      WHERE request.integration_id = $1 AND request.urgency = 0 AND request.due_at <= clock_timestamp()
        AND NOT EXISTS (SELECT 1 FROM discovery.observed_subjects AS observed
                         WHERE observed.integration_id = $1 AND observed.subject = request.subject AND observed.live)`,
    [integrationId],
  );
  return rows[0]?.strangers ?? 0;
}
