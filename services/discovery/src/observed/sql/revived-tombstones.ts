import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';

/** Ended subjects that the graph holds alive although their tombstone was acknowledged: a restored graph, or a row revived by hand. */
export async function revivedTombstones(database: Queryable, integrationId: string): Promise<SubjectKey[]> {
  const graph = await database.query<{ exists: boolean }>(`SELECT to_regclass('graph.subjects') IS NOT NULL AS exists`);
  if (!graph.rows[0]?.exists) return [];
  const { rows } = await database.query<{ subject: SubjectKey }>(
    `SELECT observed.subject FROM discovery.observed_subjects AS observed
       JOIN graph.subjects AS graph ON graph.scope = $1::uuid::text AND graph.subject = observed.subject AND graph.live
      WHERE observed.integration_id = $1::uuid AND NOT observed.live AND observed.gone_version > 0`,
    [integrationId],
  );
  return rows.map(({ subject }) => subject);
}
