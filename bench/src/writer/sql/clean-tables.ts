import type pg from 'pg';

/** What autovacuum would do, at a time of our own. */
export async function cleanTables(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await client.query('VACUUM (ANALYZE)');
  } finally {
    // With its setting.
    client.release(true);
  }
}
