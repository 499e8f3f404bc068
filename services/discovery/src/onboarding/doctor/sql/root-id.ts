import type { Queryable } from '@orgtrail/database';

/** `r-…`, once a full sync has seen it. */
export async function selectRootId(database: Queryable, integrationId: string): Promise<string | undefined> {
  const { rows } = await database.query<{ subject: string }>(
    `SELECT subject FROM discovery.observed_subjects WHERE integration_id = $1 AND kind = 'root' AND live LIMIT 1`,
    [integrationId],
  );
  return rows[0]?.subject.replace(/^root:/, '');
}
