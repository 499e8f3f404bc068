import type { Queryable } from '@orgtrail/database';

/** The ids from the root down to this parent, both included, from what is observed. Undefined when the way up is not fully known. */
export async function ancestorsOf(database: Queryable, integrationId: string, parentId: string): Promise<string[] | undefined> {
  if (parentId.startsWith('r-')) return [parentId];
  const { rows } = await database.query<{ ancestors: string[] | null }>(
    `SELECT parts #> '{placement,value,ancestorIds}' AS ancestors FROM discovery.observed_subjects
      WHERE integration_id = $1 AND subject = 'ou:' || $2 AND live`,
    [integrationId, parentId],
  );
  const above = rows[0]?.ancestors;
  return above ? [...above, parentId] : undefined;
}
