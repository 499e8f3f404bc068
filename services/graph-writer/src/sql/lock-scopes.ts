import type pg from 'pg';
import { writingSettings } from './writing-settings.js';

export interface LockedScopes {
  closed: ReadonlySet<string>;
  /** The version up to which e-mail addresses were erased, of the scopes in which they ever were. */
  emailPurged: ReadonlyMap<string, bigint>;
  /** Time of this batch's history, as Postgres writes it: later than anything the scopes have so far. */
  at: string;
}

/**
 * Locks the rows of the scopes in sorted order, creating missing ones: batches of one scope follow each other, and two batches
 * never wait for each other in a circle. The time is taken under the lock, so it grows per scope (invariant 13).
 */
export async function lockScopes(client: pg.PoolClient, scopes: readonly string[]): Promise<LockedScopes> {
  await client.query(
    `INSERT INTO graph.scopes (scope)
     SELECT wanted.scope FROM unnest($1::text[]) AS wanted (scope)
      WHERE NOT EXISTS (SELECT FROM graph.scopes AS known WHERE known.scope = wanted.scope)
      ORDER BY wanted.scope COLLATE "C"
         ON CONFLICT DO NOTHING`,
    [scopes],
  );
  const locked = await client.query<{ scope: string; closed: boolean; email_purged_version: string | null }>(
    `SELECT scope, closed, email_purged_version FROM graph.scopes WHERE scope = ANY ($1::text[]) ORDER BY scope COLLATE "C" FOR UPDATE`,
    [scopes],
  );
  // A statement of its own: a clock that was read while waiting for the lock would be too early.
  const time = await client.query<{ at: string }>(
    `SELECT greatest(clock_timestamp(), max(last_applied_at) + interval '1 microsecond')::text AS at, ${writingSettings}
       FROM graph.scopes WHERE scope = ANY ($1::text[])`,
    [scopes],
  );
  const at = time.rows[0]?.at;
  if (at === undefined) throw new Error('Postgres did not say what time it is.');
  return {
    closed: new Set(locked.rows.filter(({ closed }) => closed).map(({ scope }) => scope)),
    emailPurged: new Map(
      locked.rows.flatMap(({ scope, email_purged_version: version }) => (version === null ? [] : [[scope, BigInt(version)]])),
    ),
    at,
  };
}
