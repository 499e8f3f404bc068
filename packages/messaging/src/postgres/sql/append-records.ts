import type { Queryable } from '@orgtrail/database';
import type { OutgoingRecord } from '../../port.js';

export const recordsChannel = 'bus_records';

/**
 * Appends to the partitions of one topic. One statement, so that no publisher that falls silent can keep the lock: the partitions' rows are
 * locked in their order (two publishers never wait for each other), and stay locked until the commit. Readers are woken by the commit.
 */
export async function appendRecords(
  db: Queryable,
  topic: string,
  records: readonly { partition: number; record: OutgoingRecord }[],
): Promise<void> {
  const partitions = [...new Set(records.map(({ partition }) => partition))];
  const { rows } = await db.query<{ appended: number }>(
    `WITH locked AS MATERIALIZED (
       SELECT partition, next_offset FROM bus.partitions
       WHERE topic = $1 AND partition = ANY ($2)
       ORDER BY partition FOR UPDATE
     ), incoming AS (
       SELECT *, row_number() OVER (PARTITION BY partition ORDER BY place) - 1 AS nth
       FROM unnest($3::int[], $4::text[], $5::bytea[], $6::text[]) WITH ORDINALITY AS r (partition, key, value, headers, place)
     ), inserted AS (
       INSERT INTO bus.records (topic, partition, record_offset, key, value, headers)
       SELECT $1, partition, next_offset + nth, key, value, headers::jsonb FROM incoming JOIN locked USING (partition)
       RETURNING partition
     ), counted AS (
       SELECT partition, count(*) AS records FROM inserted GROUP BY partition
     ), advanced AS (
       UPDATE bus.partitions p SET next_offset = locked.next_offset + counted.records
       FROM locked JOIN counted USING (partition)
       WHERE p.topic = $1 AND p.partition = locked.partition
     )
     SELECT (SELECT count(*)::int FROM inserted) AS appended, pg_notify($7, $8)`,
    [
      topic,
      partitions,
      records.map(({ partition }) => partition),
      records.map(({ record }) => record.key),
      records.map(({ record }) => record.value && Buffer.from(record.value)),
      records.map(({ record }) => JSON.stringify(encodeHeaders(record.headers))),
      recordsChannel,
      JSON.stringify({ topic, partitions }),
    ],
  );
  if (rows[0]?.appended !== records.length)
    throw new Error(`Topic ${topic} lacks one of its partitions ${partitions.join(', ')}`);
}

function encodeHeaders(headers: OutgoingRecord['headers'] = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, Buffer.from(header).toString('base64')]));
}
