import type { Queryable } from '@orgtrail/database';

/** How far the graph is behind what discovery has merged. */
export interface GraphState {
  /** Merged, and not acknowledged by the bus. */
  unpublished: number;
  /** Published, and not in the graph. */
  unapplied: number;
  /** Records of this integration that failed for a reason of their own, not resolved. */
  deadLetters: number;
  heldDeletions: number;
}

/** Undefined where there is no graph yet. */
export async function selectGraphState(database: Queryable, integrationId: string): Promise<GraphState | undefined> {
  const graph = await database.query<{ exists: boolean }>(`SELECT to_regclass('graph.dead_letters') IS NOT NULL AS exists`);
  if (!graph.rows[0]?.exists) return undefined;
  const { rows } = await database.query<{ unpublished: number; unapplied: number; dead_letters: number; held: number }>(
    `SELECT count(*) FILTER (WHERE observed.published_version < observed.subject_version)::int AS unpublished,
            count(*) FILTER (WHERE observed.published_version > coalesce(graph.version, 0))::int AS unapplied,
            (SELECT count(*)::int FROM graph.dead_letters
              WHERE resolved_at IS NULL AND (record_key = $1::uuid::text OR record_key IS NULL OR record_key = '')) AS dead_letters,
            (SELECT count(*)::int FROM discovery.held_deletions WHERE integration_id = $1::uuid AND approved_at IS NULL) AS held
       FROM discovery.observed_subjects AS observed
       LEFT JOIN graph.subjects AS graph ON graph.scope = $1::uuid::text AND graph.subject = observed.subject
      WHERE observed.integration_id = $1::uuid`,
    [integrationId],
  );
  const [row] = rows;
  return (
    row && {
      unpublished: row.unpublished,
      unapplied: row.unapplied,
      deadLetters: row.dead_letters,
      heldDeletions: row.held,
    }
  );
}
