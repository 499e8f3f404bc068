import type { Queryable } from '@orgtrail/database';

/** Asks for one member's role to be verified now. Resolves to false when it has no member that is verified. */
export async function askVerification(database: Queryable, integrationId: string, accountId: string): Promise<boolean> {
  const { rowCount } = await database.query(
    `UPDATE discovery.members
        SET ask = nextval('discovery.asks'), attempts = 0, due_at = clock_timestamp(), negative_checked_at = NULL
      WHERE integration_id = $1 AND account_id = $2 AND due_at IS NOT NULL`,
    [integrationId, accountId],
  );
  return rowCount === 1;
}

/** Members are verified again within so long. */
const spreadSeconds = 60;

/** How members are reached changed: each is verified again, negative checks included, spread over a minute. */
export async function askAllVerifications(database: Queryable, integrationId: string): Promise<void> {
  await database.query(
    `UPDATE discovery.members
        SET ask = nextval('discovery.asks'), attempts = 0, negative_checked_at = NULL,
            due_at = clock_timestamp() + random() * make_interval(secs => $2)
      WHERE integration_id = $1 AND due_at IS NOT NULL`,
    [integrationId, spreadSeconds],
  );
}
