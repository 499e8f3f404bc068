import type { Queryable } from '@orgtrail/database';

export interface MemberCounts {
  byStatus: Record<string, number>;
  failed: { cause: string; accountIds: string[] }[];
  /** Of those that are connected, when the one that was verified longest ago was. */
  oldestVerification?: Date;
}

export async function countMembers(database: Queryable, integrationId: string): Promise<MemberCounts> {
  const { rows } = await database.query<{ status: string; cause: string | null; accounts: string[]; verified_at: Date | null }>(
    `SELECT status, cause, array_agg(account_id ORDER BY account_id) AS accounts, min(verified_at) AS verified_at
       FROM discovery.members WHERE integration_id = $1 GROUP BY status, cause ORDER BY count(*) DESC, status, cause`,
    [integrationId],
  );
  const byStatus: Record<string, number> = {};
  for (const { status, accounts } of rows) byStatus[status] = (byStatus[status] ?? 0) + accounts.length;
  const verifiedAt = rows.find(({ status }) => status === 'CONNECTED')?.verified_at;
  return {
    byStatus,
    ...(verifiedAt ? { oldestVerification: verifiedAt } : {}),
    failed: rows.flatMap(({ status, cause, accounts }) =>
      status === 'FAILED' ? [{ cause: cause ?? 'UNKNOWN', accountIds: accounts }] : [],
    ),
  };
}
