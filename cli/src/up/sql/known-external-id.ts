import type { Queryable } from '@orgtrail/database';

/** The external id of the integration whose role is in this account, as it was rotated last; undefined before the first start. */
export async function knownExternalId(database: Queryable, managementAccountId: string): Promise<string | undefined> {
  const { rows: found } = await database.query<{ exists: boolean }>(
    `SELECT count(*) = 2 AS exists FROM information_schema.columns
      WHERE table_schema = 'discovery' AND table_name = 'integrations' AND column_name IN ('external_id', 'state')`,
  );
  if (found[0]?.exists !== true) return undefined;
  const { rows } = await database.query<{ external_id: string | null }>(
    `SELECT external_id FROM discovery.integrations WHERE management_account_id = $1 AND state <> 'removed'`,
    [managementAccountId],
  );
  return rows[0]?.external_id ?? undefined;
}
