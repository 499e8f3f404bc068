import type { Queryable } from '@orgtrail/database';
import type { Lag, TopicSpec } from '../../port.js';

/** An existing topic keeps its number of partitions and its retention. Two callers at once: the second waits, then changes nothing. */
export async function insertTopic(db: Queryable, { topic, partitions, retentionMs }: Required<TopicSpec>): Promise<void> {
  await db.query('INSERT INTO bus.topics (topic, partitions, retention_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
    topic,
    partitions,
    retentionMs,
  ]);
  await db.query(
    `INSERT INTO bus.partitions (topic, partition)
     SELECT topic, generate_series(0, partitions - 1) FROM bus.topics WHERE topic = $1
     ON CONFLICT DO NOTHING`,
    [topic],
  );
}

export async function selectTopics(db: Queryable): Promise<string[]> {
  const { rows } = await db.query<{ topic: string }>('SELECT topic FROM bus.topics');
  return rows.map(({ topic }) => topic);
}

/** `undefined` when there is no such topic. */
export async function selectPartitionCount(db: Queryable, topic: string): Promise<number | undefined> {
  const { rows } = await db.query<{ partitions: number }>('SELECT partitions FROM bus.topics WHERE topic = $1', [topic]);
  return rows[0]?.partitions;
}

/** Each partition's next offset: the one that the next published record will get. */
export async function selectHeads(
  db: Queryable,
  topics: readonly string[],
): Promise<{ topic: string; partition: number; nextOffset: bigint }[]> {
  const { rows } = await db.query<{ topic: string; partition: number; next_offset: string }>(
    'SELECT topic, partition, next_offset FROM bus.partitions WHERE topic = ANY ($1)',
    [topics],
  );
  return rows.map(({ topic, partition, next_offset }) => ({ topic, partition, nextOffset: BigInt(next_offset) }));
}

/** What a group has not committed of what is still kept. */
export async function selectLag(db: Queryable, group: string, topics: readonly string[]): Promise<Lag> {
  const { rows } = await db.query<{ topic: string; lag: string }>(
    `SELECT p.topic, sum(p.next_offset - greatest(coalesce(g.next_offset, 0), coalesce(oldest.record_offset, p.next_offset))) AS lag
     FROM bus.partitions p
     LEFT JOIN bus.group_offsets g ON g.group_name = $1 AND g.topic = p.topic AND g.partition = p.partition
     LEFT JOIN LATERAL (
       SELECT r.record_offset FROM bus.records r
       WHERE r.topic = p.topic AND r.partition = p.partition ORDER BY r.record_offset LIMIT 1
     ) oldest ON true
     WHERE p.topic = ANY ($2)
     GROUP BY p.topic`,
    [group, topics],
  );
  return Object.fromEntries(rows.map(({ topic, lag }) => [topic, BigInt(lag)]));
}
