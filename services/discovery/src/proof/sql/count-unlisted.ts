import type { Queryable } from '@orgtrail/database';
import type { Version } from '../../observed/subject-state.js';

/**
 * Live accounts and OUs that nobody has read since a complete full sync recorded at `version`: it did not find them. Those that are
 * held are left out, since they are told as such.
 */
export async function countUnlisted(database: Queryable, integrationId: string, version: Version): Promise<number> {
  const { rows } = await database.query<{ unlisted: number }>(
    `SELECT count(*)::int AS unlisted FROM discovery.observed_subjects AS observed
      WHERE integration_id = $1 AND live AND kind IN ('account', 'ou') AND (parts #>> '{core,version}')::bigint < $2
        AND NOT EXISTS (SELECT FROM discovery.held_deletions AS held
                         WHERE held.integration_id = $1 AND held.subject = observed.subject AND held.approved_at IS NULL)`,
    [integrationId, version.toString()],
  );
  return rows[0]?.unlisted ?? 0;
}
