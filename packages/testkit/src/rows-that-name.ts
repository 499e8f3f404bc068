import type pg from 'pg';
import { countRowsThatNameSql, selectTablesSql } from './sql/rows-that-name.js';

/**
 * How many rows of each table of the schema hold the text somewhere, in whatever column; tables without one are absent.
 * Tells after a purge what still names what was purged, also in tables that nobody thought of. A partitioned table is one.
 */
export async function rowsThatName(
  pool: pg.Pool,
  { schema, text }: { schema: string; text: string },
): Promise<Record<string, number>> {
  const { rows: tables } = await pool.query<{ name: string }>(selectTablesSql, [schema]);
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await pool.query<{ count: number }>(countRowsThatNameSql(schema, name), [text]);
    if (rows[0]?.count) counts[name] = rows[0].count;
  }
  return counts;
}
