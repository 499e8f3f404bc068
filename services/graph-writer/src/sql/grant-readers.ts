import type { Queryable } from '@orgtrail/database';

/** Grants the roles of readers what they may read, where the roles exist. Returns the names of those that do not. */
export async function grantReaders(database: Queryable): Promise<string[]> {
  const { rows } = await database.query<{ missing: string[] }>(`SELECT graph.grant_readers() AS missing`);
  return rows[0]?.missing ?? [];
}
