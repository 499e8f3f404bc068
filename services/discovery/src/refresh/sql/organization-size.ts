import type { Queryable } from '@orgtrail/database';

/** How much of each kind lives, which is what walks and lists cost. */
export interface OrganizationSize {
  accounts: number;
  organizationalUnits: number;
  delegatedAdministrators: number;
  invitations: number;
}

export async function organizationSize(database: Queryable, integrationId: string): Promise<OrganizationSize> {
  const { rows } = await database.query<{ kind: string; count: number }>(
    `SELECT kind, count(*)::int AS count FROM discovery.observed_subjects WHERE integration_id = $1 AND live GROUP BY kind`,
    [integrationId],
  );
  const of = (kind: string): number => rows.find((row) => row.kind === kind)?.count ?? 0;
  return {
    accounts: of('account'),
    organizationalUnits: of('ou'),
    delegatedAdministrators: of('delegation'),
    invitations: of('invitation'),
  };
}
