import type { Queryable } from '@orgtrail/database';

/** Whether AWS says where accounts hang, as it was found last. Yes, until it was found otherwise. */
export async function arePathsGiven(database: Queryable, integrationId: string): Promise<boolean> {
  const { rows } = await database.query<{ paths_given: boolean | null }>(
    `SELECT paths_given FROM discovery.integrations WHERE id = $1`,
    [integrationId],
  );
  return rows[0]?.paths_given ?? true;
}

export async function notePathsGiven(database: Queryable, integrationId: string, pathsGiven: boolean): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations SET paths_given = $2 WHERE id = $1 AND paths_given IS DISTINCT FROM $2::boolean`,
    [integrationId, pathsGiven],
  );
}
