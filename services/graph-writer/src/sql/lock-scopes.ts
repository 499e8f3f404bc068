import type pg from 'pg';
import { writingSettings } from './writing-settings.js';

export interface LockedScopes {
  closed: ReadonlySet<string>;
  /** The version up to which e-mail addresses were erased, of the scopes in which they ever were. */
  emailPurged: ReadonlyMap<string, bigint>;
}

interface ScopeRow {
  scope: string;
  closed: boolean;
  email_purged_version: string | null;
}

/**
 * Locks the rows of the scopes, in sorted order: batches of one scope follow each other, and two batches never wait for each other in a circle. Creates
 * those that are missing; where somebody else creates the same at that moment, Postgres may have to end a circle, and the batch is tried again.
 */
export async function lockScopes(client: pg.PoolClient, scopes: readonly string[]): Promise<LockedScopes> {
  let rows = await lockRows(client, scopes);
  if (rows.length < scopes.length) {
    const known = new Set(rows.map(({ scope }) => scope));
    await createScopes(
      client,
      scopes.filter((scope) => !known.has(scope)),
    );
    rows = await lockRows(client, scopes);
  }
  return {
    closed: new Set(rows.filter(({ closed }) => closed).map(({ scope }) => scope)),
    emailPurged: new Map(
      rows.flatMap(({ scope, email_purged_version: version }) => (version === null ? [] : [[scope, BigInt(version)]])),
    ),
  };
}

async function lockRows(client: pg.PoolClient, scopes: readonly string[]): Promise<ScopeRow[]> {
  const { rows } = await client.query<ScopeRow>(
    `SELECT scope, closed, email_purged_version FROM graph.scopes WHERE scope = ANY ($1::text[]) ORDER BY scope COLLATE "C" FOR UPDATE`,
    [scopes],
  );
  return rows;
}

async function createScopes(client: pg.PoolClient, scopes: readonly string[]): Promise<void> {
  await client.query(
    `INSERT INTO graph.scopes (scope)
     SELECT scope FROM unnest($1::text[]) AS missing (scope) ORDER BY scope COLLATE "C"
         ON CONFLICT DO NOTHING`,
    [scopes],
  );
}

/** For the rest of the transaction: a lock that is waited for longer fails with 55P03. */
export async function waitForLocksAtMost(client: pg.PoolClient, milliseconds: number): Promise<void> {
  await client.query(`SELECT set_config('lock_timeout', $1, true)`, [`${milliseconds}ms`]);
}

/** Later than anything that locked scopes have so far, as SQL: rows of `graph.scopes` are aggregated. */
export const laterThanHistory = `greatest(clock_timestamp(), max(last_applied_at) + interval '1 microsecond')`;

/** Takes the time of a batch's history, as Postgres writes it, under the locks of its scopes: so it grows per scope (invariant 13). */
export async function timeOfScopes(client: pg.PoolClient, scopes: readonly string[]): Promise<string> {
  const { rows } = await client.query<{ at: string }>(
    `SELECT ${laterThanHistory}::text AS at, ${writingSettings} FROM graph.scopes WHERE scope = ANY ($1::text[])`,
    [scopes],
  );
  if (rows[0] === undefined) throw new Error('Postgres did not say what time it is.');
  return rows[0].at;
}

/** Stores the time of the newest history of locked scopes. */
export async function storeAppliedAt(client: pg.PoolClient, scopes: readonly string[], at: string): Promise<void> {
  await client.query(`UPDATE graph.scopes SET last_applied_at = $2::timestamptz WHERE scope = ANY ($1::text[])`, [scopes, at]);
}
