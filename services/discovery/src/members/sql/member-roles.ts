import type { Queryable } from '@orgtrail/database';

/** Gives a member a role of its own, or takes it away again (`undefined`). */
export async function setMemberRole(
  database: Queryable,
  integrationId: string,
  accountId: string,
  roleArn: string | undefined,
): Promise<void> {
  if (roleArn === undefined) {
    await database.query(`DELETE FROM discovery.member_roles WHERE integration_id = $1 AND account_id = $2`, [
      integrationId,
      accountId,
    ]);
    return;
  }
  await database.query(
    `INSERT INTO discovery.member_roles (integration_id, account_id, role_arn) VALUES ($1, $2, $3)
         ON CONFLICT (integration_id, account_id) DO UPDATE SET role_arn = excluded.role_arn`,
    [integrationId, accountId, roleArn],
  );
}
