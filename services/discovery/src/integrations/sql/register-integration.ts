import type { Queryable } from '@orgtrail/database';

/** Finds the integration of an organization, or makes one with the given id. Its name follows the configuration. */
export async function registerIntegration(
  database: Queryable,
  organization: { newId: string; name: string; organizationId: string; partition: string; managementAccountId: string },
): Promise<{ id: string }> {
  const { rows } = await database.query<{ id: string }>(
    `INSERT INTO discovery.integrations AS integration (id, name, organization_id, partition, management_account_id)
     VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (organization_id) DO UPDATE SET name = excluded.name, management_account_id = excluded.management_account_id
  RETURNING integration.id`,
    [
      organization.newId,
      organization.name,
      organization.organizationId,
      organization.partition,
      organization.managementAccountId,
    ],
  );
  const row = rows[0];
  if (!row) throw new Error('The integration could not be registered.');
  return row;
}
