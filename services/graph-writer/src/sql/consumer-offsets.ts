import type { Queryable } from '@orgtrail/database';
import type pg from 'pg';
import { laterThanHistory } from './lock-scopes.js';
import { writingSettings } from './writing-settings.js';

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

export interface LockedPosition {
  /** How far the partition is applied, locked until the transaction ends; undefined before its first batch. */
  offset: AppliedOffset | undefined;
  /** Time of the batch's history, as Postgres writes it: later than anything its scopes have so far. */
  at: string;
}

/**
 * Locks how far the partition is applied, and takes the time: under the locks of the scopes, which have to be held, so that it grows per scope
 * (invariant 13). A clock that is read while the locks are waited for would be too early.
 */
export async function lockPosition(
  client: pg.PoolClient,
  { group, topic, partition }: BusPosition,
  scopes: readonly string[],
): Promise<LockedPosition> {
  const { rows } = await client.query<{ at: string; next_offset: string | null; last_record_ms: string | null }>(
    `WITH applied AS MATERIALIZED (
       SELECT next_offset, (extract(epoch FROM last_record_at) * 1000)::bigint AS last_record_ms
         FROM graph.consumer_offsets
        WHERE group_name = $1 AND topic = $2 AND partition = $3
          FOR UPDATE)
     SELECT (SELECT next_offset FROM applied), (SELECT last_record_ms FROM applied),
            ${laterThanHistory}::text AS at, ${writingSettings}
       FROM graph.scopes WHERE scope = ANY ($4::text[])`,
    [group, topic, partition, scopes],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('Postgres did not say what time it is.');
  const { next_offset: next, last_record_ms: last } = row;
  return { at: row.at, offset: next === null ? undefined : { nextOffset: BigInt(next), lastRecordAt: Number(last) } };
}

/** Stores how far the partition is applied, and the time of the newest history of the scopes, whose rows have to be locked, in the transaction that applied it. */
export async function storePosition(
  client: pg.PoolClient,
  { group, topic, partition }: BusPosition,
  { nextOffset, lastRecordAt }: AppliedOffset,
  touched: { scopes: readonly string[]; at: string },
): Promise<void> {
  await client.query(
    `WITH touched AS (UPDATE graph.scopes SET last_applied_at = $7::timestamptz WHERE scope = ANY ($6::text[]))
     INSERT INTO graph.consumer_offsets AS stored (group_name, topic, partition, next_offset, last_record_at)
     VALUES ($1, $2, $3, $4, to_timestamp($5::double precision / 1000))
         ON CONFLICT (group_name, topic, partition) DO UPDATE
        SET next_offset = excluded.next_offset, last_record_at = excluded.last_record_at`,
    [group, topic, partition, nextOffset.toString(), lastRecordAt, touched.scopes, touched.at],
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
