import type { Queryable } from '@orgtrail/database';

/** Live entities of the graph by the account that they count for. Empty while there is no graph yet. */
export async function countAssets(database: Queryable, integrationId: string): Promise<Map<string, number>> {
  const graph = await database.query<{ exists: boolean }>(`SELECT to_regclass('graph.entities') IS NOT NULL AS exists`);
  if (!graph.rows[0]?.exists) return new Map();
  const { rows } = await database.query<{ account_id: string; assets: number }>(
    `SELECT coalesce(account_id, '') AS account_id, count(*)::int AS assets FROM graph.entities WHERE scope = $1 AND live GROUP BY 1`,
    [integrationId],
  );
  return new Map(rows.map(({ account_id, assets }) => [account_id, assets]));
}
