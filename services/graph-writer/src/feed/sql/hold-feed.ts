import type pg from 'pg';

/** True for one connection of all: until it ends, or gives it back. */
export async function holdFeed(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ held: boolean }>(
    `SELECT pg_try_advisory_lock(hashtextextended('orgtrail.graph.feed', 0)) AS held`,
  );
  return rows[0]?.held === true;
}

export async function releaseFeed(client: pg.PoolClient): Promise<void> {
  await client.query(`SELECT pg_advisory_unlock(hashtextextended('orgtrail.graph.feed', 0))`);
}
