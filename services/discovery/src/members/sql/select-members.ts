import type { Queryable } from '@orgtrail/database';
import type { ChangedBy, StoredMember } from '../member.js';

export interface MemberRow {
  account_id: string;
  status: StoredMember['status'];
  cause: StoredMember['cause'] | null;
  reason: string;
  since: Date;
  warnings: string[];
  changed_by: ChangedBy | null;
  role_arn: string | null;
  skipped_when_it_left: boolean;
  verification: StoredMember['verification'];
  verified_at: Date | null;
  used_previous_external_id: boolean;
  negative_checked_at: Date | null;
  refusals: number;
  attempts: number;
  last_error: string | null;
  ask: string;
  due_at: Date | null;
}

export const memberColumns = `account_id, status, cause, reason, since, warnings, changed_by, role_arn, skipped_when_it_left,
  verification, verified_at, used_previous_external_id, negative_checked_at, refusals, attempts, last_error, ask, due_at`;

/** Members of these accounts, by account id. Their rows are guarded by the locks on the accounts' observed subjects. */
export async function selectMembers(
  database: Queryable,
  integrationId: string,
  accountIds: readonly string[],
): Promise<Map<string, StoredMember>> {
  const { rows } = await database.query<MemberRow>(
    `SELECT ${memberColumns} FROM discovery.members WHERE integration_id = $1 AND account_id = ANY ($2)`,
    [integrationId, accountIds],
  );
  return new Map(rows.map((row) => [row.account_id, decodeMember(row)]));
}

export function decodeMember(row: MemberRow): StoredMember {
  return {
    accountId: row.account_id,
    status: row.status,
    ...(row.cause ? { cause: row.cause } : {}),
    reason: row.reason,
    since: row.since,
    warnings: row.warnings,
    ...(row.changed_by ? { changedBy: row.changed_by } : {}),
    ...(row.role_arn === null ? {} : { roleArn: row.role_arn }),
    skippedWhenItLeft: row.skipped_when_it_left,
    verification: row.verification,
    ...(row.verified_at ? { verifiedAt: row.verified_at } : {}),
    usedPreviousExternalId: row.used_previous_external_id,
    ...(row.negative_checked_at ? { negativeCheckedAt: row.negative_checked_at } : {}),
    refusals: row.refusals,
    attempts: row.attempts,
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
    ask: row.ask,
    ...(row.due_at ? { dueAt: row.due_at } : {}),
  };
}

/** Roles that were given by hand, by account id. */
export async function selectMemberRoles(
  database: Queryable,
  integrationId: string,
  accountIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await database.query<{ account_id: string; role_arn: string }>(
    `SELECT account_id, role_arn FROM discovery.member_roles WHERE integration_id = $1 AND account_id = ANY ($2)`,
    [integrationId, accountIds],
  );
  return new Map(rows.map(({ account_id, role_arn }) => [account_id, role_arn]));
}
