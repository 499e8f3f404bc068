import type { Queryable } from '@orgtrail/database';

/** False when another process is deleting just now. The lock ends with the transaction. */
export async function tryLockRetention(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('bus.retention', 0)) AS locked`,
  );
  return rows[0]?.locked === true;
}

/**
 * Deletes up to `limit` of each partition's oldest records, if they are older than their topic keeps them; returns how many. Offsets and
 * times grow together, so the oldest are found by the primary key.
 */
export async function deleteExpiredRecords(db: Queryable, limit: number): Promise<number> {
  const { rowCount } = await db.query(
    `DELETE FROM bus.records r
     USING bus.topics t
     JOIN bus.partitions p USING (topic)
     CROSS JOIN LATERAL (
       SELECT record_offset, published_at FROM bus.records
       WHERE topic = p.topic AND partition = p.partition ORDER BY record_offset LIMIT $1
     ) oldest
     WHERE r.topic = p.topic AND r.partition = p.partition AND r.record_offset = oldest.record_offset
       AND oldest.published_at < clock_timestamp() - t.retention_ms * interval '1 millisecond'`,
    [limit],
  );
  return rowCount ?? 0;
}
