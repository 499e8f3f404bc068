import type { Queryable } from '@orgtrail/database';
import type { OutgoingRecord } from '../../port.js';

export const recordsChannel = 'bus_records';

/**
 * Appends to the partitions of one topic, inside the caller's transaction. The partitions' rows are locked in their order, so
 * that two publishers cannot wait for each other, and stay locked until the commit. Readers are woken by the commit.
 */
export async function appendRecords(
  db: Queryable,
  topic: string,
  records: readonly { partition: number; record: OutgoingRecord }[],
): Promise<void> {
  const partitions = [...new Set(records.map(({ partition }) => partition))];
  const locked = await db.query<{ partition: number; next_offset: string }>(
    'SELECT partition, next_offset FROM bus.partitions WHERE topic = $1 AND partition = ANY ($2) ORDER BY partition FOR UPDATE',
    [topic, partitions],
  );
  const next = new Map(locked.rows.map(({ partition, next_offset }) => [partition, BigInt(next_offset)]));
  const offsets = records.map(({ partition }) => {
    const offset = next.get(partition);
    if (offset === undefined) throw new Error(`Topic ${topic} has no partition ${partition}`);
    next.set(partition, offset + 1n);
    return offset.toString();
  });
  await db.query(
    `WITH incoming AS (
       SELECT * FROM unnest($2::int[], $3::bigint[], $4::text[], $5::bytea[], $6::text[])
         AS r (partition, record_offset, key, value, headers)
     ), advanced AS (
       UPDATE bus.partitions p SET next_offset = latest.next_offset
       FROM (SELECT partition, max(record_offset) + 1 AS next_offset FROM incoming GROUP BY partition) latest
       WHERE p.topic = $1 AND p.partition = latest.partition
     )
     INSERT INTO bus.records (topic, partition, record_offset, key, value, headers)
     SELECT $1, partition, record_offset, key, value, headers::jsonb FROM incoming`,
    [
      topic,
      records.map(({ partition }) => partition),
      offsets,
      records.map(({ record }) => record.key),
      records.map(({ record }) => record.value && Buffer.from(record.value)),
      records.map(({ record }) => JSON.stringify(encodeHeaders(record.headers))),
    ],
  );
  await db.query('SELECT pg_notify($1, $2)', [recordsChannel, JSON.stringify({ topic, partitions })]);
}

function encodeHeaders(headers: OutgoingRecord['headers'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, Buffer.from(header).toString('base64')]));
}
