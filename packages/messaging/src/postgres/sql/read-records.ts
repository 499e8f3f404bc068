import type { Queryable } from '@orgtrail/database';
import type { IncomingRecord } from '../../port.js';

interface Row {
  record_offset: string;
  key: string;
  value: Buffer | null;
  headers: Record<string, string>;
  timestamp: number;
}

/** The records of one partition from `offset` on, in order: up to `maxRecords`, and up to `maxBytes` of values, but at least one. */
export async function readRecords(
  db: Queryable,
  {
    topic,
    partition,
    offset,
    maxRecords,
    maxBytes,
  }: { topic: string; partition: number; offset: bigint; maxRecords: number; maxBytes: number },
): Promise<IncomingRecord[]> {
  const { rows } = await db.query<Row>(
    `SELECT record_offset, key, value, headers, floor(extract(epoch FROM published_at) * 1000)::float8 AS timestamp
     FROM (
       SELECT *, sum(bytes) OVER (ORDER BY record_offset ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before
       FROM (
         SELECT *, coalesce(octet_length(value), 0) AS bytes
         FROM bus.records
         WHERE topic = $1 AND partition = $2 AND record_offset >= $3
         ORDER BY record_offset
         LIMIT $4
       ) AS oldest
     ) AS summed
     WHERE bytes_before = 0 OR bytes_before < $5
     ORDER BY record_offset`,
    [topic, partition, offset.toString(), maxRecords, maxBytes],
  );
  return rows.map(({ record_offset, key, value, headers, timestamp }) => ({
    offset: BigInt(record_offset),
    key,
    value,
    headers: Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, Buffer.from(bytes, 'base64')])),
    timestamp,
  }));
}
