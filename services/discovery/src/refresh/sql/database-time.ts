import type { Queryable } from '@orgtrail/database';

/** The time by the database's clock, to which the times in its rows compare. */
export async function databaseTime(database: Queryable): Promise<Date> {
  const { rows } = await database.query<{ now: Date }>(`SELECT clock_timestamp() AS now`);
  return rows[0]?.now ?? new Date();
}
