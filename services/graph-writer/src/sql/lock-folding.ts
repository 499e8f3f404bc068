import type pg from 'pg';

const foldingLock = `hashtextextended('orgtrail.graph.fold', 0)`;

/** True where this connection is the one that folds, until its transaction ends. */
export async function lockFolding(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_xact_lock(${foldingLock}) AS locked`);
  return rows[0]?.locked === true;
}

/** False where somebody folds. Otherwise nobody begins to until the transaction ends; many can hold it off at once. */
export async function holdOffFolding(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_xact_lock_shared(${foldingLock}) AS locked`);
  return rows[0]?.locked === true;
}
