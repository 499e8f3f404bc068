import type { Queryable } from '@orgtrail/database';
import type pg from 'pg';

/** One partition as one group reads it. */
export interface BusPosition {
  group: string;
  topic: string;
  partition: number;
}

export interface AppliedOffset {
  /** The first offset that is not applied. */
  nextOffset: bigint;
  /** When the bus took the last applied record, in epoch milliseconds. */
  lastRecordAt: number;
}

/** How far the partition is applied, locked until the transaction ends; undefined before its first batch. */
export async function lockOffset(
  client: pg.PoolClient,
  { group, topic, partition }: BusPosition,
): Promise<AppliedOffset | undefined> {
  const { rows } = await client.query<{ next_offset: string; last_record_ms: string }>(
    `SELECT next_offset, (extract(epoch FROM last_record_at) * 1000)::bigint AS last_record_ms
       FROM graph.consumer_offsets
      WHERE group_name = $1 AND topic = $2 AND partition = $3
        FOR UPDATE`,
    [group, topic, partition],
  );
  const row = rows[0];
  return row && { nextOffset: BigInt(row.next_offset), lastRecordAt: Number(row.last_record_ms) };
}

/** Stores how far the partition is applied, in the transaction that applied it. */
export async function storeOffset(
  client: pg.PoolClient,
  { group, topic, partition }: BusPosition,
  { nextOffset, lastRecordAt }: AppliedOffset,
): Promise<void> {
  await client.query(
    `INSERT INTO graph.consumer_offsets AS stored (group_name, topic, partition, next_offset, last_record_at)
     VALUES ($1, $2, $3, $4, to_timestamp($5::double precision / 1000))
         ON CONFLICT (group_name, topic, partition) DO UPDATE
        SET next_offset = excluded.next_offset, last_record_at = excluded.last_record_at`,
    [group, topic, partition, nextOffset.toString(), lastRecordAt],
  );
}

/** How far the partition is applied, for whoever only wants to know. */
export async function appliedOffset(database: Queryable, { group, topic, partition }: BusPosition): Promise<bigint | undefined> {
  const { rows } = await database.query<{ next_offset: string }>(
    `SELECT next_offset FROM graph.consumer_offsets WHERE group_name = $1 AND topic = $2 AND partition = $3`,
    [group, topic, partition],
  );
  return rows[0] && BigInt(rows[0].next_offset);
}
