import type { Queryable } from '@orgtrail/database';
import type { SubjectKey, SubjectKind } from '../../subjects.js';
import type { Version } from '../subject-state.js';

/**
 * Live subjects of these kinds that nobody has read since `version` was drawn: what a listing at that version lacks. What was read later
 * is not among them, since the listing cannot know better.
 */
export async function unlistedSubjects(
  database: Queryable,
  integrationId: string,
  listing: { kinds: readonly SubjectKind[]; version: Version },
): Promise<SubjectKey[]> {
  const { rows } = await database.query<{ subject: SubjectKey }>(
    `SELECT subject FROM discovery.observed_subjects
      WHERE integration_id = $1 AND live AND kind = ANY ($2) AND (parts #>> '{core,version}')::bigint < $3
      ORDER BY subject COLLATE "C"`,
    [integrationId, listing.kinds, listing.version.toString()],
  );
  return rows.map(({ subject }) => subject);
}
