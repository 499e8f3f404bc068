import { inTransaction, type Queryable } from '@orgtrail/database';
import type pg from 'pg';
import type { StoredMember } from '../member.js';
import { decodeMember, memberColumns, type MemberRow } from './select-members.js';

export interface ClaimOptions {
  /** Over all replicas. */
  membersPerSecond: number;
  /** At most so many at once. */
  limit: number;
  /** Seconds until a member whose attempt is never reported comes again: doubled with each attempt, spread by up to a fifth. */
  firstRetrySeconds: number;
  longestRetrySeconds: number;
}

/**
 * Claims members whose verification is due, the longest waiting first. The next time is set before the calls are made, so a crash
 * in between costs one attempt and its wait, however often it happens.
 */
export async function claimDueMembers(pool: pg.Pool, integrationId: string, options: ClaimOptions): Promise<StoredMember[]> {
  return inTransaction(pool, async (client) => {
    // The integration's row is held while counting, so replicas share one rate.
    const { rows: allowed } = await client.query<{ allowance: number }>(
      `SELECT least($2, floor($3 * extract(epoch FROM clock_timestamp() - coalesce(members_claimed_at, 'epoch'))))::int AS allowance
         FROM discovery.integrations WHERE id = $1 AND state = 'active' FOR NO KEY UPDATE`,
      [integrationId, Math.min(options.limit, Math.max(1, Math.ceil(options.membersPerSecond))), options.membersPerSecond],
    );
    const allowance = allowed[0]?.allowance ?? 0;
    if (allowance < 1) return [];
    const { rows } = await client.query<MemberRow>(
      `WITH due AS (
         SELECT integration_id, account_id FROM discovery.members
          WHERE integration_id = $1 AND due_at <= clock_timestamp()
          ORDER BY due_at
          LIMIT $2
            FOR UPDATE SKIP LOCKED)
       UPDATE discovery.members AS member
          SET attempts = attempts + 1,
              due_at = clock_timestamp() + make_interval(secs => least($4, $3 * power(2, least(attempts, 20))) * (1 + random() / 5))
         FROM due WHERE member.integration_id = due.integration_id AND member.account_id = due.account_id
    RETURNING ${memberColumns.replaceAll(/\b(account_id|status)\b/g, 'member.$1')}`,
      [integrationId, allowance, options.firstRetrySeconds, options.longestRetrySeconds],
    );
    if (rows.length > 0) {
      await client.query(`UPDATE discovery.integrations SET members_claimed_at = clock_timestamp() WHERE id = $1`, [
        integrationId,
      ]);
    }
    return rows.map(decodeMember);
  });
}

/** Gives a claim back that was broken off before it showed anything: the member is due at once, and the attempt does not count. */
export async function releaseMember(
  database: Queryable,
  key: { integrationId: string; accountId: string; ask: string },
): Promise<void> {
  await database.query(
    `UPDATE discovery.members SET due_at = clock_timestamp(), attempts = greatest(attempts - 1, 0)
      WHERE integration_id = $1 AND account_id = $2 AND ask = $3`,
    [key.integrationId, key.accountId, key.ask],
  );
}
