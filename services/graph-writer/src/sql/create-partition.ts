import type pg from 'pg';

/** A month of the history. The bounds are versions: microseconds since the epoch. */
export interface HistoryMonth {
  /** Name of the partition, for example `changes_2026_11`. */
  name: string;
  from: bigint;
  /** Not included. */
  until: bigint;
}

/** False when the month has its partition already. */
export async function lockMissingPartition(client: pg.PoolClient, { name }: HistoryMonth): Promise<boolean> {
  await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('orgtrail.graph.partitions', 0))`);
  const { rows } = await client.query<{ missing: boolean }>(`SELECT to_regclass('graph.' || $1::text) IS NULL AS missing`, [
    name,
  ]);
  return rows[0]?.missing ?? true;
}

/**
 * Gives a month its partition. Rows of that month which the default partition took meanwhile move into it, because Postgres refuses
 * to attach a partition whose rows the default one holds.
 */
export async function createPartition(client: pg.PoolClient, { name, from, until }: HistoryMonth): Promise<void> {
  // The name is made of digits by us, and DDL takes no parameters.
  // The whole before its part, as everybody locks them.
  await client.query(`LOCK TABLE ONLY graph.changes IN SHARE UPDATE EXCLUSIVE MODE`);
  await client.query(`LOCK TABLE graph.changes_default IN ACCESS EXCLUSIVE MODE`);
  await client.query(`CREATE TABLE graph.${name} (LIKE graph.changes INCLUDING ALL)`);
  await client.query(
    `WITH moved AS (DELETE FROM graph.changes_default WHERE version >= $1 AND version < $2 RETURNING *)
     INSERT INTO graph.${name} SELECT * FROM moved`,
    [from.toString(), until.toString()],
  );
  await client.query(`ALTER TABLE graph.changes ATTACH PARTITION graph.${name} FOR VALUES FROM (${from}) TO (${until})`);
}
