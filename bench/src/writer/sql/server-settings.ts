import type pg from 'pg';

/**
 * Gives the server's log the room that one has which is written to much. With the default of 1 GB a checkpoint comes every few seconds, and what is measured is
 * how often a page is logged whole after it.
 */
export async function letMuchBeWritten(pool: pg.Pool): Promise<void> {
  await pool.query(`ALTER SYSTEM SET max_wal_size = '8GB'`);
  await pool.query('SELECT pg_reload_conf()');
}
