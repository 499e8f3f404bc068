import { migrate, type Migration } from './migrate.js';
import { createPool } from './pool.js';
import { waitForDatabase } from './wait-for-database.js';

/**
 * What a migration job does: waits for the database (`DatabaseUnavailableError` as there), migrates one schema, disconnects. Resolves
 * with the ids that this call applied.
 */
export async function migrateDatabase(settings: {
  connectionString: string;
  applicationName: string;
  timeoutMs: number;
  schema: string;
  migrations: readonly Migration[];
}): Promise<{ applied: number[] }> {
  const { connectionString, applicationName, timeoutMs, schema, migrations } = settings;
  const pool = createPool({ connectionString, applicationName, max: 1 });
  try {
    await waitForDatabase(pool, { timeoutMs, label: 'DATABASE_URL' });
    return await migrate(pool, { schema, migrations });
  } finally {
    await pool.end();
  }
}
