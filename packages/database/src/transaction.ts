import type pg from 'pg';

/**
 * Runs `work` between BEGIN and COMMIT on one client. Rolls back and rethrows what `work` throws; a client that cannot even
 * roll back is destroyed. Nothing is retried here: wrap the call in `retryTransient` where the work may run twice.
 *
 * When the connection breaks during COMMIT, nobody knows whether it was committed: work that is retried must be idempotent.
 */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    const committed = await client.query('COMMIT');
    // Postgres answers COMMIT of a failed transaction with a quiet ROLLBACK: `work` swallowed the error of a statement.
    if (committed.command === 'ROLLBACK') {
      throw new Error(
        'The transaction was rolled back at COMMIT because a statement in it had failed and its error was not passed on',
      );
    }
    return result;
  } catch (error) {
    try {
      await client.query('ROLLBACK');
    } catch (rollbackError) {
      broken = rollbackError instanceof Error ? rollbackError : new Error('ROLLBACK failed', { cause: rollbackError });
    }
    throw error;
  } finally {
    client.release(broken);
  }
}
