import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';

export interface FoundChange {
  subjectVersion: string;
  /** By the names of `found-change-kinds.ts`. */
  kinds: string[];
  foundAt: Date;
}

/** The newest change of each of these subjects that a sync found in the last 24 hours, unless AWS tells of it by no event. */
export async function newestFoundChanges(
  database: Queryable,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<Map<SubjectKey, FoundChange>> {
  const { rows } = await database.query<FoundChange & { subject: SubjectKey }>(
    `SELECT DISTINCT ON (subject) subject, subject_version::text AS "subjectVersion", array_agg(kind) AS kinds, max(found_at) AS "foundAt"
       FROM discovery.found_changes
      WHERE integration_id = $1 AND subject = ANY ($2::text[]) AND outcome <> 'unannounceable'
        AND found_at > clock_timestamp() - interval '24 hours'
      GROUP BY subject, subject_version
      ORDER BY subject, subject_version DESC`,
    [integrationId, subjects],
  );
  return new Map(rows.map(({ subject, ...found }) => [subject, found]));
}
