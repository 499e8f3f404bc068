import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';

/** An event names these subjects: what was found about them shortly before is explained. */
export async function explainFoundChanges(
  database: Queryable,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<void> {
  await database.query(
    `UPDATE discovery.found_changes SET outcome = 'explained'
      WHERE integration_id = $1 AND subject = ANY ($2) AND outcome = 'open'`,
    [integrationId, subjects],
  );
}

/** What no event has named within the window was missed. Returns how many, per kind, since the last call. */
export async function settleMissedChanges(
  database: Queryable,
  integrationId: string,
  windowSeconds: number,
): Promise<{ kind: string; count: number }[]> {
  const { rows } = await database.query<{ kind: string; count: number }>(
    `WITH missed AS (
       UPDATE discovery.found_changes SET outcome = 'missed'
        WHERE integration_id = $1 AND outcome = 'open' AND found_at < clock_timestamp() - make_interval(secs => $2)
    RETURNING kind)
     SELECT kind, count(*)::int AS count FROM missed GROUP BY kind ORDER BY kind`,
    [integrationId, windowSeconds],
  );
  return rows;
}
