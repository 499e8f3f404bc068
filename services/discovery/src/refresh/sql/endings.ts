import type { Queryable } from '@orgtrail/database';
import type pg from 'pg';
import type { SubjectKey } from '../../subjects.js';

/**
 * Counts unannounced endings of the last 24 h and live accounts. Locks the integration's row, so that two replicas cannot both
 * find room below the threshold.
 */
export async function countEndings(
  client: pg.PoolClient,
  integrationId: string,
): Promise<{ endedInWindow: number; liveAccounts: number }> {
  await client.query(`SELECT 1 FROM discovery.integrations WHERE id = $1 FOR NO KEY UPDATE`, [integrationId]);
  const { rows } = await client.query<{ ended: number; live: number }>(
    `SELECT (SELECT count(*)::int FROM discovery.unannounced_endings
              WHERE integration_id = $1 AND ended_at > clock_timestamp() - interval '24 hours') AS ended,
            (SELECT count(*)::int FROM discovery.observed_subjects WHERE integration_id = $1 AND live AND kind = 'account') AS live`,
    [integrationId],
  );
  return { endedInWindow: rows[0]?.ended ?? 0, liveAccounts: rows[0]?.live ?? 0 };
}

export async function noteUnannouncedEndings(client: pg.PoolClient, integrationId: string, subjects: readonly SubjectKey[]) {
  await client.query(
    `INSERT INTO discovery.unannounced_endings (integration_id, subject) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`,
    [integrationId, subjects],
  );
}

/** A departure event came after the ending that it announces: events overtake each other, so the ending does not count. */
export async function forgiveAnnouncedEndings(
  database: Queryable,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<void> {
  if (subjects.length === 0) return;
  await database.query(`DELETE FROM discovery.unannounced_endings WHERE integration_id = $1 AND subject = ANY ($2)`, [
    integrationId,
    subjects,
  ]);
}

export async function holdDeletions(client: pg.PoolClient, integrationId: string, subjects: readonly SubjectKey[]) {
  await client.query(
    `INSERT INTO discovery.held_deletions (integration_id, subject) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`,
    [integrationId, subjects],
  );
}

/** Which of these an operator approved; approval is used up by the ending. */
export async function approvedDeletions(
  client: pg.PoolClient,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<ReadonlySet<SubjectKey>> {
  const { rows } = await client.query<{ subject: SubjectKey }>(
    `DELETE FROM discovery.held_deletions
      WHERE integration_id = $1 AND subject = ANY ($2) AND approved_at IS NOT NULL
  RETURNING subject`,
    [integrationId, subjects],
  );
  return new Set(rows.map(({ subject }) => subject));
}

export interface HeldDeletion {
  subject: SubjectKey;
  heldAt: Date;
  approvedAt?: Date;
}

export async function heldDeletions(database: Queryable, integrationId: string): Promise<HeldDeletion[]> {
  const { rows } = await database.query<{ subject: SubjectKey; held_at: Date; approved_at: Date | null }>(
    `SELECT subject, held_at, approved_at FROM discovery.held_deletions WHERE integration_id = $1 ORDER BY subject COLLATE "C"`,
    [integrationId],
  );
  return rows.map((row) => ({
    subject: row.subject,
    heldAt: row.held_at,
    ...(row.approved_at ? { approvedAt: row.approved_at } : {}),
  }));
}

/** A newer complete sync replaces the hold: what it found alive, or nominates anew, is not held any more. */
export async function releaseHeldDeletions(database: Queryable, integrationId: string): Promise<void> {
  await database.query(`DELETE FROM discovery.held_deletions WHERE integration_id = $1 AND approved_at IS NULL`, [integrationId]);
}

/** Approves exactly the list that the operator saw. Returns what was approved; each is asked for once more before it ends. */
export async function approveHeldDeletions(
  client: Queryable,
  integrationId: string,
  options: { subjects: readonly SubjectKey[]; approvedBy: string },
): Promise<SubjectKey[]> {
  const { rows } = await client.query<{ subject: SubjectKey }>(
    `UPDATE discovery.held_deletions SET approved_at = clock_timestamp(), approved_by = $3
      WHERE integration_id = $1 AND subject = ANY ($2)
  RETURNING subject`,
    [integrationId, options.subjects, options.approvedBy],
  );
  return rows.map(({ subject }) => subject);
}
