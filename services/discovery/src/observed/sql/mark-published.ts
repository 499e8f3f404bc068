import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';
import type { Version } from '../subject-state.js';

/** Notes the broker's acknowledgement. A version that was merged meanwhile stays unpublished. */
export async function markPublished(
  database: Queryable,
  integrationId: string,
  published: readonly { subject: SubjectKey; subjectVersion: Version }[],
): Promise<void> {
  await database.query(
    `UPDATE discovery.observed_subjects AS observed
        SET published_version = greatest(observed.published_version, acknowledged.version)
       FROM (SELECT subject, version FROM unnest($2::text[], $3::bigint[]) AS sent (subject, version) ORDER BY subject COLLATE "C") AS acknowledged
      WHERE observed.integration_id = $1 AND observed.subject = acknowledged.subject`,
    [integrationId, published.map(({ subject }) => subject), published.map(({ subjectVersion }) => subjectVersion.toString())],
  );
}
