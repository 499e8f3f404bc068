import type pg from 'pg';
import {
  createMigrationsTable,
  insertMigration,
  lockMigrations,
  selectMigrations,
  type AppliedMigration,
} from './sql/migrations.js';
import { inTransaction } from './transaction.js';

export interface Migration {
  /** Positive, unique, ascending. The order in which migrations are applied. */
  id: number;
  name: string;
  /** One or more statements with schema-qualified names, run in one transaction together with the record that they ran. */
  sql: string;
  /** A version of the program that does not know this migration must not run on the database after it. */
  breaking?: boolean;
}

/** The database and the program do not fit together, or a migration failed (then `cause` says why). */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings a schema up to date: creates it when missing, then applies what was never applied, each migration in a transaction of
 * its own. Many processes may do this at once: each migration runs exactly once, and all return when the schema is ready.
 *
 * Resolves with the ids that this very call applied. Rejects with a `MigrationError` when a migration fails, when the database
 * carries a breaking migration that this program does not know, or a known id under another name.
 */
export async function migrate(
  pool: pg.Pool,
  { schema, migrations }: { schema: string; migrations: readonly Migration[] },
): Promise<{ applied: number[] }> {
  assertAscending(schema, migrations);
  const applied: number[] = [];

  // The usual start finds nothing to do, and then takes no lock.
  const before = await selectMigrations(pool, schema);
  if (before !== undefined && nextMigration(schema, migrations, before) === undefined) return { applied };

  // A transaction per migration: the lock is given back between them, so the processes interleave, and a failure keeps what succeeded.
  for (;;) {
    const id = await inTransaction(pool, async (client) => {
      await lockMigrations(client, schema);
      await createMigrationsTable(client, schema);
      const next = nextMigration(schema, migrations, (await selectMigrations(client, schema)) ?? []);
      if (next === undefined) return undefined;
      await insertMigration(client, schema, { id: next.id, name: next.name, breaking: next.breaking ?? false });
      try {
        await client.query(next.sql);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new MigrationError(`Migration ${next.id} "${next.name}" of schema ${schema} failed: ${reason}`, { cause });
      }
      return next.id;
    });
    if (id === undefined) return { applied };
    applied.push(id);
  }
}

function nextMigration(
  schema: string,
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): Migration | undefined {
  const known = new Map(migrations.map((migration) => [migration.id, migration]));
  for (const { id, name, breaking } of applied) {
    const mine = known.get(id);
    if (mine === undefined && breaking) {
      throw new MigrationError(
        `Schema ${schema} was migrated by a newer version of Orgtrail: its migration ${id} "${name}" is breaking, and this version ` +
          `knows migrations up to ${Math.max(0, ...known.keys())}. Start a version that knows it.`,
      );
    }
    if (mine !== undefined && mine.name !== name) {
      throw new MigrationError(
        `Migration ${id} of schema ${schema} is "${name}" in the database and "${mine.name}" in this version`,
      );
    }
  }
  const done = new Set(applied.map(({ id }) => id));
  return migrations.find(({ id }) => !done.has(id));
}

function assertAscending(schema: string, migrations: readonly Migration[]): void {
  let last = 0;
  for (const { id, name } of migrations) {
    if (!Number.isInteger(id) || id <= last) {
      throw new MigrationError(`Migrations of schema ${schema} must have ascending ids from 1: ${id} "${name}" follows ${last}`);
    }
    last = id;
  }
}

/** How a schema stands to the migrations that a program knows; nothing is changed. */
export async function pendingMigrations(
  pool: pg.Pool,
  { schema, migrations }: { schema: string; migrations: readonly Migration[] },
): Promise<{ applied: number; missing: Migration[]; breaking: { id: number; name: string }[] }> {
  const applied = (await selectMigrations(pool, schema)) ?? [];
  const done = new Set(applied.map(({ id }) => id));
  const known = new Set(migrations.map(({ id }) => id));
  return {
    applied: applied.length,
    missing: migrations.filter(({ id }) => !done.has(id)),
    // A program that knows nothing of a schema cannot be broken by it.
    breaking: migrations.length === 0 ? [] : applied.filter(({ id, breaking }) => breaking && !known.has(id)),
  };
}
