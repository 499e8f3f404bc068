import { inTransaction } from '@orgtrail/database';
import { exitCodes } from '@orgtrail/service-runtime';
import pg from 'pg';
import { CommandError } from '../exit-error.js';
import { printable } from '../output/printable.js';

export interface QueryAnswer {
  columns: string[];
  rows: unknown[][];
  /** There are more rows than were asked for. */
  hasMore: boolean;
}

/**
 * What one SELECT answers, some rows of it at most. It is read only, and runs as `orgtrail_reader` where the user may (in the demo he owns everything):
 * then without e-mail addresses. Throws a `CommandError` that says what Postgres refused, and where.
 */
export async function runQuery(pool: pg.Pool, sql: string, { limit }: { limit: number }): Promise<QueryAnswer> {
  return inTransaction(pool, async (client) => {
    await client.query('SET TRANSACTION READ ONLY');
    const { rowCount: mayBeReader } = await client.query(
      `SELECT FROM pg_roles WHERE rolname = 'orgtrail_reader' AND pg_has_role(oid, 'SET')`,
    );
    if (mayBeReader === 1) await client.query('SET LOCAL ROLE orgtrail_reader');
    try {
      // Of a statement that has a name, Postgres refuses a second one behind it, which could end the transaction.
      await client.query({ name: 'asked', text: `${beforeQuery}${sql}` });
      const { fields, rows } = await client.query<unknown[]>({
        text: `FETCH FORWARD ${limit + 1} FROM answer`,
        rowMode: 'array',
        types,
      });
      return { columns: fields.map(({ name }) => name), rows: rows.slice(0, limit), hasMore: rows.length > limit };
    } catch (error) {
      throw error instanceof pg.DatabaseError ? refusal(error, sql) : error;
    }
  });
}

/** A cursor reads no more than is fetched. */
const beforeQuery = 'DECLARE answer NO SCROLL CURSOR FOR ';

// A day and an interval as Postgres writes them: a Date of JavaScript would be a time in the zone of this machine.
const types = new pg.TypeOverrides();
const { DATE, TIMESTAMP, INTERVAL } = pg.types.builtins;
for (const type of [DATE, TIMESTAMP, INTERVAL]) types.setTypeParser(type, String);

const advice: Readonly<Record<string, string>> = {
  '42601': 'One SELECT is run at a time, read only.',
  '42501': 'Readers read the views of schema graph: docs/graph.md lists them.',
  '57014': 'A query may take a minute.',
};

function refusal(error: pg.DatabaseError, sql: string): CommandError {
  const { message, position, hint, code } = error;
  const before = sql.slice(0, Math.max(0, Number(position) - 1 - beforeQuery.length));
  const where = position === undefined ? '' : ` in line ${before.split('\n').length}`;
  const what = [`Postgres refused the query${where}: ${message}.`, hint, advice[code ?? '']];
  // It may name a value, which is strangers' text.
  const said = what.filter((part) => part !== undefined && part !== '').join(' ');
  return new CommandError(printable(said), exitCodes.failure, error);
}
