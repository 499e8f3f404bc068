import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';

/** What a sync found changed of a subject. */
export interface FoundChange {
  subjectVersion: string;
  /** By the names of `found-change-kinds.ts`. */
  kinds: string[];
  foundAt: Date;
}

/** What syncs found of these subjects in the last 24 hours, oldest first, but for what AWS tells of by no event. */
export async function selectRecentFinds(
  database: Queryable,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<Map<SubjectKey, FoundChange[]>> {
  const { rows } = await database.query<FoundChange & { subject: SubjectKey }>(
    `SELECT subject, subject_version::text AS "subjectVersion", array_agg(kind) AS kinds, max(found_at) AS "foundAt"
       FROM discovery.found_changes
      WHERE integration_id = $1 AND subject = ANY ($2::text[]) AND outcome <> 'unannounceable'
        AND found_at > clock_timestamp() - interval '24 hours'
      GROUP BY subject, subject_version
      ORDER BY found_changes.subject_version`,
    [integrationId, subjects],
  );
  const finds = new Map<SubjectKey, FoundChange[]>();
  for (const { subject, ...found } of rows) {
    finds.set(subject, [...(finds.get(subject) ?? []), found]);
  }
  return finds;
}
