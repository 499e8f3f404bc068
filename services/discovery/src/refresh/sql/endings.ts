import type { Queryable } from '@orgtrail/database';
import type pg from 'pg';
import type { SubjectKey } from '../../subjects.js';

/**
 * Counts unannounced endings of the last 24 h, the accounts that were live when they began, and what is about to end: these subjects,
 * those that are held, and those that a listing lacks or AWS did not find once. Under the lock on the integration, so that two replicas
 * cannot both find room below the threshold.
 */
export async function countEndings(
  client: pg.PoolClient,
  integrationId: string,
  ending: readonly SubjectKey[],
): Promise<{ endedInWindow: number; candidates: number; liveAccounts: number }> {
  const { rows } = await client.query<{ ended: number; candidates: number; live: number }>(
    // Versions are microseconds.
    `WITH since AS (
       SELECT clock_timestamp() - interval '24 hours' AS time,
              floor(extract(epoch FROM clock_timestamp() - interval '24 hours') * 1000000)::bigint AS version)
     SELECT (SELECT count(*)::int FROM discovery.unannounced_endings, since
              WHERE integration_id = $1 AND ended_at > since.time) AS ended,
            (SELECT count(*)::int FROM (
               SELECT unnest($2::text[]) AS subject
                UNION
               SELECT subject FROM discovery.held_deletions WHERE integration_id = $1 AND approved_at IS NULL
                UNION
               SELECT request.subject
                 FROM discovery.refresh_requests AS request JOIN discovery.observed_subjects AS observed USING (integration_id, subject)
                WHERE request.integration_id = $1 AND observed.live AND observed.kind IN ('account', 'ou')
                  AND NOT request.departure_announced AND (request.reason = 'nominated' OR request.not_found > 0)) AS ending) AS candidates,
            (SELECT count(*)::int FROM discovery.observed_subjects, since
              WHERE integration_id = $1 AND kind = 'account' AND appeared_version < since.version
                AND (live OR gone_version >= since.version)) AS live`,
    [integrationId, ending],
  );
  const { ended = 0, candidates = 0, live = 0 } = rows[0] ?? {};
  return { endedInWindow: ended, candidates, liveAccounts: live };
}

export async function noteUnannouncedEndings(client: pg.PoolClient, integrationId: string, subjects: readonly SubjectKey[]) {
  await client.query(
    `INSERT INTO discovery.unannounced_endings (integration_id, subject) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`,
    [integrationId, subjects],
  );
}

/** A departure event came after the ending that it announces: events overtake each other, so the ending does not count. */
export async function forgiveAnnouncedEndings(
  database: Queryable,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<void> {
  if (subjects.length === 0) return;
  await database.query(`DELETE FROM discovery.unannounced_endings WHERE integration_id = $1 AND subject = ANY ($2)`, [
    integrationId,
    subjects,
  ]);
}
