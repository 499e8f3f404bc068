import { emailProperties } from '@orgtrail/graph-model';
import type pg from 'pg';
import type { ScopeChange } from '../change.js';

type Guarded = Pick<ScopeChange, 'scope' | 'subject' | 'version'>;

/** Advances the subject that speaks for the whole scope. Resolves to false when what is stored is not older. */
export async function advanceScopeSubject(
  client: pg.PoolClient,
  { scope, subject, version }: Guarded,
  at: string,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO graph.subjects AS stored (scope, subject, version, live, created_at)
     VALUES ($1, $2, $3, true, $4::timestamptz)
         ON CONFLICT (scope, subject) DO UPDATE SET version = excluded.version WHERE stored.version < excluded.version`,
    [scope, subject, version.toString(), at],
  );
  return rowCount === 1;
}

/**
 * Erases e-mail addresses from the rows of the scope, tombstones included, and from its history, which is marked where it held one.
 * What was read later than the erasure stays. graph.dead_letters and the bus keep what they hold for their retention.
 */
export async function eraseEmail(client: pg.PoolClient, { scope, version }: Guarded): Promise<void> {
  // Of a history of millions it takes minutes.
  await client.query(`SET LOCAL statement_timeout = 0`);
  const values = [scope, version.toString(), emailProperties];
  await client.query(`UPDATE graph.subjects SET content_hash = NULL WHERE scope = $1 AND version <= $2`, values.slice(0, 2));
  await client.query(
    `UPDATE graph.entities AS entity SET properties = properties - $3::text[]
       FROM graph.subjects AS owner
      WHERE entity.scope = $1 AND owner.scope = $1 AND owner.subject = entity.subject
        -- A tombstone may be newer than what it keeps: its subject ended after the erasure, and came before it.
        AND (owner.version <= $2 OR NOT entity.live)
        AND entity.properties ?| $3::text[]`,
    values,
  );
  await eraseEmailFromHistory(client, { scope, version });
  await client.query(
    `UPDATE graph.scopes SET email_purged_version = greatest(email_purged_version, $2::bigint) WHERE scope = $1`,
    [scope, version.toString()],
  );
}

/** Erases them from the rows of a scope up to a version in the history, or in a table that is to become a part of it. */
export async function eraseEmailFromHistory(
  client: pg.PoolClient,
  { scope, version }: Omit<Guarded, 'subject'>,
  table = 'graph.changes',
): Promise<void> {
  await client.query(
    `UPDATE ${table}
        SET state = jsonb_set(state, '{properties}', ((state -> 'properties') - $3::text[]) || '{"emailWithheld": true}')
      WHERE scope = $1 AND version <= $2 AND (state -> 'properties') ?| $3::text[]`,
    [scope, version.toString(), emailProperties],
  );
}

/** The subjects of a scope of which anything lives, but for the one that speaks for the whole of it, with their stored versions. */
export async function liveSubjects(
  client: pg.PoolClient,
  { scope, subject }: Guarded,
): Promise<{ subject: string; version: bigint }[]> {
  const { rows } = await client.query<{ subject: string; version: string }>(
    // Looked up one by one: joined, without statistics, each would be compared with all.
    `SELECT alive.subject, coalesce((SELECT stored.version FROM graph.subjects AS stored
                                      WHERE stored.scope = $1 AND stored.subject = alive.subject), 0) AS version
       FROM (SELECT subject FROM graph.subjects WHERE scope = $1 AND live
              UNION SELECT subject FROM graph.entities WHERE scope = $1 AND live) AS alive
      WHERE alive.subject <> $2
      ORDER BY alive.subject COLLATE "C"`,
    [scope, subject],
  );
  return rows.map((row) => ({ subject: row.subject, version: BigInt(row.version) }));
}

/** Closes the scope for good (invariant 14), and with it the subject that speaks for the whole of it. */
export async function closeScope(
  client: pg.PoolClient,
  { scope, subject }: Guarded,
  { reason, at }: { reason: string; at: string },
): Promise<void> {
  await client.query(
    `UPDATE graph.subjects SET live = false, ended_at = $3::timestamptz, ended_reason = $4 WHERE scope = $1 AND subject = $2`,
    [scope, subject, at, reason],
  );
  await client.query(`UPDATE graph.scopes SET closed = true, last_applied_at = $2::timestamptz WHERE scope = $1`, [scope, at]);
}
