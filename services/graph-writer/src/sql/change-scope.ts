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
 * Erases e-mail addresses from the rows of the scope, tombstones included, and from its history. What was read later than the erasure
 * stays. Dead letters keep what they hold for their retention.
 */
export async function eraseEmail(client: pg.PoolClient, { scope, version }: Guarded): Promise<void> {
  await client.query(
    `UPDATE graph.entities SET properties = properties - 'email' - 'managementAccountEmail'
      WHERE scope = $1 AND version <= $2 AND properties ?| ARRAY['email', 'managementAccountEmail']`,
    [scope, version.toString()],
  );
  await client.query(
    `UPDATE graph.changes
        SET state = jsonb_set(state, '{properties}',
                              (state -> 'properties') - 'email' - 'managementAccountEmail' || '{"emailWithheld": true}')
      WHERE scope = $1 AND version <= $2 AND (state -> 'properties') ?| ARRAY['email', 'managementAccountEmail']`,
    [scope, version.toString()],
  );
}

/** Ends everything in the scope, each ending with its row of history, and closes it for good (invariant 14). */
export async function closeScope(client: pg.PoolClient, { scope, version }: Guarded, at: string): Promise<void> {
  await client.query(
    `INSERT INTO graph.changes (scope, key, version, subject, type, kind, observed_at, at)
     SELECT scope, key, $2::bigint, subject, type, 'ENDED', $3::timestamptz, $3::timestamptz FROM graph.entities WHERE scope = $1 AND live
      UNION ALL
     SELECT scope, subject, $2::bigint, subject, split_part(subject, ':', 1), 'ENDED', $3::timestamptz, $3::timestamptz
       FROM graph.subjects AS alone
      WHERE scope = $1 AND live AND subject LIKE 'delegation:%'
         ON CONFLICT (scope, key, version) DO NOTHING`,
    [scope, version.toString(), at],
  );
  await client.query(
    `UPDATE graph.entities SET live = false, ended_at = $3::timestamptz, ended_reason = 'INTEGRATION_REMOVED', version = $2::bigint, cause = NULL,
            updated_at = $3::timestamptz
      WHERE scope = $1 AND live`,
    [scope, version.toString(), at],
  );
  await client.query(
    `UPDATE graph.relationships SET live = false, ended_at = $3::timestamptz, version = $2::bigint WHERE scope = $1 AND live`,
    [scope, version.toString(), at],
  );
  await client.query(
    `UPDATE graph.subjects SET live = false, ended_at = $3::timestamptz, ended_reason = 'INTEGRATION_REMOVED', version = greatest(version, $2::bigint)
      WHERE scope = $1 AND live`,
    [scope, version.toString(), at],
  );
  await client.query(`UPDATE graph.scopes SET closed = true, last_applied_at = $2::timestamptz WHERE scope = $1`, [scope, at]);
}
