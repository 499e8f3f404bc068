import pg from 'pg';

/** What can run a statement: the pool, or the one client that holds a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>;

export interface PoolSettings {
  connectionString: string;
  /** Most connections held at once. Default 10. */
  max?: number;
  /** Shown in `pg_stat_activity`, so that an operator sees whose connection it is. */
  applicationName: string;
  /** Postgres cancels a statement that runs longer (SQLSTATE 57014). Default: no limit. */
  statementTimeoutMs?: number;
  /** Told of every connection that broke. The pool replaces it by itself; whoever was using it gets its own error. */
  onError?: (error: Error) => void;
}

const connectTimeoutMs = 10_000;

/** A pool whose broken connections never end the process. `pool.end()` belongs to the caller. */
export function createPool(settings: PoolSettings): pg.Pool {
  const report = settings.onError ?? (() => undefined);
  const pool = new pg.Pool({
    connectionString: settings.connectionString,
    max: settings.max ?? 10,
    application_name: settings.applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    ...(settings.statementTimeoutMs === undefined ? {} : { statement_timeout: settings.statementTimeoutMs }),
  });
  // pg-pool listens for errors of idle clients only: a client that loses its connection while it is checked out emits
  // `error` with no listener, which would end the process. Hence one listener on the client for its whole life.
  pool.on('connect', (client) => client.on('error', report));
  pool.on('error', () => undefined);
  return pool;
}
