import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';

/**
 * Accounts and OUs that live in the graph although discovery does not hold them alive (a restored or lost discovery database).
 * They are nominated like the others: only AWS's own "not found" ends them.
 */
export async function graphOnlySubjects(database: Queryable, integrationId: string): Promise<SubjectKey[]> {
  const graph = await database.query<{ exists: boolean }>(`SELECT to_regclass('graph.subjects') IS NOT NULL AS exists`);
  if (!graph.rows[0]?.exists) return [];
  const { rows } = await database.query<{ subject: SubjectKey }>(
    `SELECT graph.subject FROM graph.subjects AS graph
       LEFT JOIN discovery.observed_subjects AS observed ON observed.integration_id = $1::uuid AND observed.subject = graph.subject
      WHERE graph.scope = $1::uuid::text AND graph.live
        AND (graph.subject LIKE 'account:%' OR graph.subject LIKE 'ou:%')
        -- What discovery knows to be gone is not asked again; its tombstone is published again by every full sync.
        AND (observed.subject IS NULL OR (NOT observed.live AND observed.gone_version = 0))`,
    [integrationId],
  );
  return rows.map(({ subject }) => subject);
}
