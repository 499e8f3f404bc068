import pg from 'pg';
import type { Queryable } from '../pool.js';

export interface AppliedMigration {
  id: number;
  name: string;
  breaking: boolean;
}

const table = (schema: string): string => `${pg.escapeIdentifier(schema)}.migrations`;

/** Held until the transaction ends, by whoever migrates this schema. */
export async function lockMigrations(client: Queryable, schema: string): Promise<void> {
  // Waiting for nineteen others may take longer than a statement of this pool usually may.
  await client.query(`SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0`);
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('orgtrail.migrations.' || $1::text, 0))`, [schema]);
}

export async function createMigrationsTable(client: Queryable, schema: string): Promise<void> {
  // CREATE SCHEMA IF NOT EXISTS asks for the right to create schemas even when there is nothing to create.
  const { rowCount } = await client.query(`SELECT 1 FROM pg_namespace WHERE nspname = $1`, [schema]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
  await client.query(`
    CREATE TABLE IF NOT EXISTS ${table(schema)} (
      id         integer     PRIMARY KEY,
      name       text        NOT NULL,
      breaking   boolean     NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
}

/** What was applied, oldest first; `undefined` when nothing ever was. */
export async function selectMigrations(client: Queryable, schema: string): Promise<AppliedMigration[] | undefined> {
  const found = await client.query<{ found: boolean }>(`SELECT to_regclass($1) IS NOT NULL AS found`, [table(schema)]);
  if (found.rows[0]?.found !== true) return undefined;
  const { rows } = await client.query<AppliedMigration>(`SELECT id, name, breaking FROM ${table(schema)} ORDER BY id`);
  return rows;
}

export async function insertMigration(client: Queryable, schema: string, migration: AppliedMigration): Promise<void> {
  await client.query(`INSERT INTO ${table(schema)} (id, name, breaking) VALUES ($1, $2, $3)`, [
    migration.id,
    migration.name,
    migration.breaking,
  ]);
}
