import type { Queryable } from '@orgtrail/database';

/** Whether a full sync of the integration has completed, whoever ran it. */
export async function hasBaseline(database: Queryable, id: string): Promise<boolean> {
  const { rows } = await database.query<{ has: boolean }>(
    `SELECT baseline_at IS NOT NULL AS has FROM discovery.integrations WHERE id = $1`,
    [id],
  );
  return rows[0]?.has ?? false;
}
