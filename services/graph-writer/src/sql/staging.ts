import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** Where changes wait for the statements that apply them: temporary tables of the connection, empty again after the transaction. */
const tables = {
  /** What tells whether a change alters anything. */
  heads: `i integer, scope text, subject text, version bigint, content_hash text COLLATE "C"`,
  /** Changes that may alter something, whole. */
  staged: `i integer, scope text, subject text, version bigint, content_hash text, baseline boolean, cause jsonb, observed_at text, reason text,
           key text, type text, classes text[], display_name text, account_id text, state text`,
} as const;

/** Makes the temporary tables where the connection has none. Needs the privilege TEMPORARY, which everybody has unless it was revoked. */
export async function prepareStaging(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ is_missing: boolean }>(`SELECT to_regclass('pg_temp.staged') IS NULL AS is_missing`);
  if (rows[0]?.is_missing === false) return;
  for (const [name, columns] of Object.entries(tables)) {
    await client.query(`CREATE TEMPORARY TABLE ${name} (${columns}) ON COMMIT DELETE ROWS`);
  }
}

/** For what comes after the first changes of a transaction. */
export async function emptyStaging(client: pg.PoolClient): Promise<void> {
  await prepareStaging(client);
  await client.query(`TRUNCATE ${Object.keys(tables).join(', ')}`);
}

/** Puts lines of COPY's text format into a table of the staging. */
export async function stage(client: pg.PoolClient, table: keyof typeof tables, lines: readonly string[]): Promise<void> {
  await pipeline(Readable.from([lines.join('')]), client.query(copyFrom(`COPY ${table} FROM STDIN`)));
}
