import type { Queryable } from '@orgtrail/database';

export interface MemberCounts {
  byStatus: Record<string, number>;
  failed: { cause: string; accountIds: string[] }[];
}

export async function countMembers(database: Queryable, integrationId: string): Promise<MemberCounts> {
  const { rows } = await database.query<{ status: string; cause: string | null; accounts: string[] }>(
    `SELECT status, cause, array_agg(account_id ORDER BY account_id) AS accounts
       FROM discovery.members WHERE integration_id = $1 GROUP BY status, cause ORDER BY count(*) DESC, status, cause`,
    [integrationId],
  );
  const byStatus: Record<string, number> = {};
  for (const { status, accounts } of rows) byStatus[status] = (byStatus[status] ?? 0) + accounts.length;
  return {
    byStatus,
    failed: rows.flatMap(({ status, cause, accounts }) =>
      status === 'FAILED' ? [{ cause: cause ?? 'UNKNOWN', accountIds: accounts }] : [],
    ),
  };
}
