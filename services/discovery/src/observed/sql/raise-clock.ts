import type { Queryable } from '@orgtrail/database';

/**
 * Raises the clock above everything that the graph holds for the scope, so that a restored discovery database never draws
 * versions that the writer would ignore. Returns how many seconds the clock is ahead of the database's time (negative: behind).
 */
export async function raiseClock(database: Queryable, integrationId: string): Promise<number> {
  const graph = await database.query<{ exists: boolean }>(`SELECT to_regclass('graph.subjects') IS NOT NULL AS exists`);
  const highest = graph.rows[0]?.exists
    ? `(SELECT coalesce(max(version), 0) FROM graph.subjects WHERE scope = $1::uuid::text)`
    : `(SELECT 0::bigint WHERE $1::uuid IS NOT NULL)`;
  const { rows } = await database.query<{ ahead: string }>(
    `INSERT INTO discovery.version_clocks AS clock (integration_id, value)
     SELECT $1, greatest(${highest}, (SELECT coalesce(max(subject_version), 0) FROM discovery.observed_subjects WHERE integration_id = $1))
         ON CONFLICT (integration_id) DO UPDATE SET value = greatest(clock.value, excluded.value)
  RETURNING value / 1000000.0 - extract(epoch FROM clock_timestamp()) AS ahead`,
    [integrationId],
  );
  return Number(rows[0]?.ahead ?? 0);
}
