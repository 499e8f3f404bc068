import type { createPool } from '@orgtrail/database';

type Pool = ReturnType<typeof createPool>;

export interface StatementCount {
  /** Counts from now on. */
  begin(): void;
  /** Statements that were sent since, each BEGIN and COMMIT included. */
  sent(): number;
}

/** Counts what is sent by the connections that a pool will make. */
export function countStatements(pool: Pool): StatementCount {
  let isCounting = false;
  let sent = 0;
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    Object.assign(client, {
      query: (...given: unknown[]): unknown => {
        if (isCounting) sent += 1;
        return query(...given);
      },
    });
  });
  return { begin: () => (isCounting = true), sent: () => sent };
}

/**
 * Has PostgreSQL count what a statement tries by itself, by halves say: each attempt to put rows into `graph.entities`, refused or not. A sequence,
 * since it keeps its count when the attempt is rolled back.
 */
export async function countAttempts(pool: Pool): Promise<() => Promise<number>> {
  await pool.query(
    `CREATE SEQUENCE attempts MINVALUE 0;
     CREATE FUNCTION count_attempt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('attempts'); RETURN NULL; END $$;
     CREATE TRIGGER count_attempt BEFORE INSERT ON graph.entities FOR EACH STATEMENT EXECUTE FUNCTION count_attempt()`,
  );
  return async () => {
    const { rows } = await pool.query<{ attempts: string }>(`SELECT nextval('attempts') AS attempts`);
    return Number(rows[0]?.attempts ?? 0);
  };
}
