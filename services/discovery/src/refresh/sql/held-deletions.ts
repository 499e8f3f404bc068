import type { Queryable } from '@orgtrail/database';
import type pg from 'pg';
import type { SubjectKey } from '../../subjects.js';

export async function holdDeletions(client: pg.PoolClient, integrationId: string, subjects: readonly SubjectKey[]) {
  await client.query(
    `INSERT INTO discovery.held_deletions (integration_id, subject) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`,
    [integrationId, subjects],
  );
}

/** Which of these an operator approved; approval is used up by the ending. */
export async function useApprovals(
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

/** Which of these are held. Approved ones are until they have ended. */
export async function heldAmong(
  database: Queryable,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<ReadonlySet<SubjectKey>> {
  const { rows } = await database.query<{ subject: SubjectKey }>(
    `SELECT subject FROM discovery.held_deletions WHERE integration_id = $1 AND subject = ANY ($2)`,
    [integrationId, subjects],
  );
  return new Set(rows.map(({ subject }) => subject));
}

export interface HeldDeletion {
  subject: SubjectKey;
  /** Absent where it never had one. */
  name?: string;
  heldAt: Date;
  approvedAt?: Date;
  approvedBy?: string;
}

export async function selectHeldDeletions(database: Queryable, integrationId: string): Promise<HeldDeletion[]> {
  const { rows } = await database.query<{
    subject: SubjectKey;
    name: string | null;
    held_at: Date;
    approved_at: Date | null;
    approved_by: string | null;
  }>(
    `SELECT held.subject, observed.parts #>> '{core,value,name}' AS name, held.held_at, held.approved_at, held.approved_by
       FROM discovery.held_deletions AS held LEFT JOIN discovery.observed_subjects AS observed USING (integration_id, subject)
      WHERE held.integration_id = $1 ORDER BY held.subject COLLATE "C"`,
    [integrationId],
  );
  return rows.map((row) => ({
    subject: row.subject,
    ...(row.name === null ? {} : { name: row.name }),
    heldAt: row.held_at,
    ...(row.approved_at ? { approvedAt: row.approved_at } : {}),
    ...(row.approved_by === null ? {} : { approvedBy: row.approved_by }),
  }));
}

/** Approves exactly the list that the operator saw. Returns what was approved; each is asked for once more before it ends. */
export async function approveHeldDeletions(
  client: Queryable,
  integrationId: string,
  options: { subjects: readonly string[]; approvedBy: string },
): Promise<SubjectKey[]> {
  const { rows } = await client.query<{ subject: SubjectKey }>(
    `UPDATE discovery.held_deletions SET approved_at = clock_timestamp(), approved_by = $3
      WHERE integration_id = $1 AND subject = ANY ($2)
  RETURNING subject`,
    [integrationId, options.subjects, options.approvedBy],
  );
  return rows.map(({ subject }) => subject);
}

export interface ReleasedDeletion {
  subject: SubjectKey;
  /** Absent where nobody had approved it. */
  approvedBy?: string;
}

/** Holds these no more; without a list, none. Returns what was held. */
export async function releaseDeletions(
  database: Queryable,
  integrationId: string,
  subjects?: readonly string[],
): Promise<ReleasedDeletion[]> {
  const { rows } = await database.query<{ subject: SubjectKey; approved_by: string | null }>(
    `DELETE FROM discovery.held_deletions WHERE integration_id = $1 AND ($2::text[] IS NULL OR subject = ANY ($2))
  RETURNING subject, approved_by`,
    [integrationId, subjects ?? null],
  );
  return rows.map(({ subject, approved_by: approvedBy }) => ({ subject, ...(approvedBy === null ? {} : { approvedBy }) }));
}
