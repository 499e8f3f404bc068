import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { copyHeader, copyTrailer, type CopyRows } from '../copy-rows.js';
import { writingSettings } from './writing-settings.js';

/** Where changes wait for the statements that apply them: temporary tables of the connection, empty again after the transaction. */
const tables = {
  /** What tells whether a change alters anything. */
  heads: `i integer, scope text, subject text, version bigint, content_hash text COLLATE "C"`,
  /** Changes that may alter something, whole. The state stands in one of the last two. */
  staged: `i integer, scope text, subject text, version bigint, content_hash text, baseline boolean, cause jsonb, found_by jsonb, observed_at timestamptz, reason text,
           explained_version bigint, key text, type text, classes text[], display_name text, account_id text, state jsonb, unparsed_state text`,
} as const;

const wholeColumns =
  'i, scope, subject, version, content_hash, baseline, cause, found_by, observed_at, reason, explained_version, key, type, classes, display_name, account_id';

/** What can be staged, and the columns of its rows. */
const columns = {
  heads: 'heads (i, scope, subject, version, content_hash)',
  changes: `staged (${wholeColumns}, state)`,
  /** Postgres reads their states only when they are applied: what it refuses of them is refused alone (`graph.isolate_refused`). */
  unparsedChanges: `staged (${wholeColumns}, unparsed_state)`,
} as const;

/** Makes the temporary tables where the connection has none. Needs the privilege TEMPORARY, which everybody has unless it was revoked. */
export async function prepareStaging(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ is_missing: boolean }>(
    `SELECT to_regclass('pg_temp.staged') IS NULL AS is_missing, ${writingSettings}`,
  );
  if (rows[0]?.is_missing === false) return;
  for (const [name, types] of Object.entries(tables)) {
    await client.query(`CREATE TEMPORARY TABLE ${name} (${types}) ON COMMIT DELETE ROWS`);
  }
}

/** For what comes after the first changes of a transaction. */
export async function emptyStaging(client: pg.PoolClient): Promise<void> {
  await prepareStaging(client);
  await client.query(`TRUNCATE ${Object.keys(tables).join(', ')}`);
}

/** Puts rows of COPY's binary format into the staging. */
export async function stage(client: pg.PoolClient, what: keyof typeof columns, rows: CopyRows): Promise<void> {
  if (rows.length === 0) return;
  const copy = client.query(copyFrom(`COPY ${columns[what]} FROM STDIN (FORMAT binary)`));
  await pipeline(Readable.from([copyHeader, rows.written(), copyTrailer]), copy);
}
