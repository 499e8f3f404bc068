import type { Queryable } from '@orgtrail/database';

/** Now by the database's clock, in the whole milliseconds that a Date holds, rounded up: nothing that has happened is later. */
export async function databaseTime(database: Queryable): Promise<Date> {
  const { rows } = await database.query<{ now: Date }>(
    `SELECT date_trunc('milliseconds', clock_timestamp()) + interval '1 ms' AS now`,
  );
  return rows[0]?.now ?? new Date();
}
