import type { Queryable } from '@orgtrail/database';

/** The scope under which the graph holds this organization; undefined when it does not. */
export async function scopeOfOrganization(database: Queryable, organizationId: string): Promise<string | undefined> {
  const { rows } = await database.query<{ id: string }>(
    `SELECT id::text AS id FROM discovery.integrations WHERE organization_id = $1`,
    [organizationId],
  );
  return rows[0]?.id;
}
