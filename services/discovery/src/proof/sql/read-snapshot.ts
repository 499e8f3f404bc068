import type { Queryable } from '@orgtrail/database';

/** First in a transaction: it sees the database as it is now, whatever is committed meanwhile, and writes nothing. Resolves to now. */
export async function readSnapshot(database: Queryable): Promise<Date> {
  await database.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY');
  // The first query takes the snapshot: nothing in it is later than this.
  const { rows } = await database.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const [row] = rows;
  if (!row) throw new Error('The database did not tell the time.');
  return row.now;
}
