import type { Queryable } from '@orgtrail/database';
import type { ChangedBy, MemberView } from '../member.js';

export interface MemberToStore extends Omit<MemberView, 'since'> {
  accountId: string;
  skippedWhenItLeft: boolean;
  /** Status or cause is another than before: a transition. */
  transition: boolean;
  fromStatus?: string | undefined;
  /** Forget what was verified (another role). */
  forgetVerification: boolean;
  /** Draw a new ask, and count attempts anew. */
  askAgain: boolean;
  /** NULL: not to be verified. */
  dueAt: Date | undefined;
}

/** Writes members and their transitions. The caller holds the locks of the accounts' observed subjects. */
export async function storeMembers(database: Queryable, integrationId: string, members: readonly MemberToStore[]): Promise<void> {
  if (members.length === 0) return;
  const rows = members.map((member) => ({
    account_id: member.accountId,
    status: member.status,
    cause: member.cause ?? null,
    reason: member.reason,
    warnings: member.warnings,
    changed_by: member.changedBy ?? null,
    role_arn: member.roleArn ?? null,
    skipped_when_it_left: member.skippedWhenItLeft,
    transition: member.transition,
    from_status: member.fromStatus ?? null,
    forget: member.forgetVerification,
    ask_again: member.askAgain,
    due_at: member.dueAt?.toISOString() ?? null,
  }));
  await database.query(
    `WITH given AS (
       SELECT * FROM json_to_recordset($2::json) AS given (account_id text, status text, cause text, reason text, warnings jsonb,
              changed_by jsonb, role_arn text, skipped_when_it_left boolean, transition boolean, from_status text, forget boolean,
              ask_again boolean, due_at timestamptz)
     ), noted AS (
       INSERT INTO discovery.member_transitions (integration_id, account_id, from_status, to_status, cause, reason, changed_by)
       SELECT $1, account_id, from_status, status, cause, reason, changed_by FROM given WHERE transition
     )
     INSERT INTO discovery.members AS member (integration_id, account_id, status, cause, reason, warnings, changed_by, role_arn,
                                              skipped_when_it_left, due_at)
     SELECT $1, account_id, status, cause, reason, ARRAY(SELECT jsonb_array_elements_text(warnings)), changed_by, role_arn,
            skipped_when_it_left, due_at
       FROM given
         ON CONFLICT (integration_id, account_id) DO UPDATE SET
            status = excluded.status, cause = excluded.cause, reason = excluded.reason, warnings = excluded.warnings,
            changed_by = excluded.changed_by, role_arn = excluded.role_arn, skipped_when_it_left = excluded.skipped_when_it_left,
            due_at = excluded.due_at,
            since = CASE WHEN (SELECT transition FROM given WHERE given.account_id = excluded.account_id) THEN clock_timestamp()
                         ELSE member.since END,
            ask = CASE WHEN (SELECT ask_again FROM given WHERE given.account_id = excluded.account_id) THEN nextval('discovery.asks')
                       ELSE member.ask END,
            attempts = CASE WHEN (SELECT ask_again FROM given WHERE given.account_id = excluded.account_id) THEN 0
                            ELSE member.attempts END,
            (verification, verified_at, negative_checked_at, refusals, used_previous_external_id, last_error) =
              (SELECT CASE WHEN given.forget THEN 'none' ELSE member.verification END,
                      CASE WHEN NOT given.forget THEN member.verified_at END,
                      CASE WHEN NOT given.forget THEN member.negative_checked_at END,
                      CASE WHEN given.forget THEN 0 ELSE member.refusals END,
                      NOT given.forget AND member.used_previous_external_id,
                      CASE WHEN NOT given.forget THEN member.last_error END
                 FROM given WHERE given.account_id = excluded.account_id)`,
    [integrationId, JSON.stringify(rows)],
  );
}

/** Members are switched off: forgets these members and notes it in their history. Resolves with the accounts that had one. */
export async function forgetMembers(
  database: Queryable,
  integrationId: string,
  accountIds: readonly string[],
  { reason, changedBy }: { reason: string; changedBy?: ChangedBy },
): Promise<string[]> {
  const { rows } = await database.query<{ account_id: string }>(
    `WITH forgotten AS (
       DELETE FROM discovery.members WHERE integration_id = $1 AND account_id = ANY ($2) RETURNING account_id, status
     )
     INSERT INTO discovery.member_transitions (integration_id, account_id, from_status, to_status, reason, changed_by)
     SELECT $1, account_id, status, 'NONE', $3, $4 FROM forgotten
  RETURNING account_id`,
    [integrationId, accountIds, reason, changedBy ?? null],
  );
  return rows.map(({ account_id }) => account_id);
}
