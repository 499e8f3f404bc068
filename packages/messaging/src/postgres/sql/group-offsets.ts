import type { Queryable } from '@orgtrail/database';

export interface TopicPartition {
  topic: string;
  partition: number;
}

/** Who holds a partition for a group, and how far the group has come. */
export interface Holding extends TopicPartition {
  holder: string | null;
  epoch: string;
  nextOffset: bigint;
}

/** What proves that a member still holds a partition by the same claim. */
export interface Claim extends TopicPartition {
  group: string;
  member: string;
  epoch: string;
}

export async function addMissingOffsets(db: Queryable, group: string, topics: readonly string[]): Promise<void> {
  await db.query(
    `INSERT INTO bus.group_offsets (group_name, topic, partition)
     SELECT $1, topic, partition FROM bus.partitions WHERE topic = ANY ($2)
     ON CONFLICT DO NOTHING`,
    [group, topics],
  );
}

export async function selectHoldings(db: Queryable, group: string, topics: readonly string[]): Promise<Holding[]> {
  const { rows } = await db.query<{
    topic: string;
    partition: number;
    member: string | null;
    epoch: string;
    next_offset: string;
  }>(
    `SELECT topic, partition, member, epoch, next_offset FROM bus.group_offsets
     WHERE group_name = $1 AND topic = ANY ($2)
     ORDER BY topic, partition`,
    [group, topics],
  );
  return rows.map(({ topic, partition, member, epoch, next_offset }) => ({
    topic,
    partition,
    holder: member,
    epoch,
    nextOffset: BigInt(next_offset),
  }));
}

export async function claimPartitions(
  db: Queryable,
  group: string,
  member: string,
  partitions: readonly TopicPartition[],
): Promise<void> {
  await db.query(
    `UPDATE bus.group_offsets o SET member = $2, epoch = epoch + 1
     FROM unnest($3::text[], $4::int[]) AS free (topic, partition)
     WHERE o.group_name = $1 AND o.topic = free.topic AND o.partition = free.partition AND o.member IS NULL`,
    [group, member, partitions.map(({ topic }) => topic), partitions.map(({ partition }) => partition)],
  );
}

export async function releasePartitions(
  db: Queryable,
  group: string,
  member: string,
  partitions: readonly TopicPartition[],
): Promise<void> {
  await db.query(
    `UPDATE bus.group_offsets o SET member = NULL
     FROM unnest($3::text[], $4::int[]) AS held (topic, partition)
     WHERE o.group_name = $1 AND o.topic = held.topic AND o.partition = held.partition AND o.member = $2`,
    [group, member, partitions.map(({ topic }) => topic), partitions.map(({ partition }) => partition)],
  );
}

/** False when the partition is no longer held by this claim; then nothing was changed. */
export async function commitOffset(db: Queryable, claim: Claim, nextOffset: bigint): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE bus.group_offsets SET next_offset = $6
     WHERE group_name = $1 AND topic = $2 AND partition = $3 AND member = $4 AND epoch = $5`,
    [claim.group, claim.topic, claim.partition, claim.member, claim.epoch, nextOffset.toString()],
  );
  return rowCount === 1;
}

export async function isHeld(db: Queryable, claim: Claim): Promise<boolean> {
  const { rowCount } = await db.query(
    'SELECT FROM bus.group_offsets WHERE group_name = $1 AND topic = $2 AND partition = $3 AND member = $4 AND epoch = $5',
    [claim.group, claim.topic, claim.partition, claim.member, claim.epoch],
  );
  return rowCount === 1;
}
