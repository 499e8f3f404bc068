import type { TopicPartition } from './sql/group-offsets.js';

export interface Share {
  /** Free partitions that this member should take. */
  claim: TopicPartition[];
  /** Partitions that this member holds above its share. */
  surplus: TopicPartition[];
  /** True when this member holds, or takes now, all that is meant for it, of topics that exist. */
  complete: boolean;
}

/**
 * What one member should hold, so that the members subscribed to a topic hold its partitions in numbers that differ by one at most. Every
 * member computes it alone from the same rows; the shares of all add up to all partitions. Nobody is asked to move a partition
 * that it may keep.
 */
export function fairShare(
  me: string,
  topics: readonly string[],
  members: readonly { member: string; topics: readonly string[] }[],
  partitions: readonly (TopicPartition & { holder: string | null })[],
): Share {
  const share: Share = { claim: [], surplus: [], complete: true };
  const allTopics = [...new Set(members.flatMap((member) => member.topics))].sort();
  for (const topic of topics) {
    const readers = members.filter((member) => member.topics.includes(topic)).map(({ member }) => member);
    const ofTopic = partitions.filter((partition) => partition.topic === topic);
    const mine = ofTopic.filter(({ holder }) => holder === me);
    const free = ofTopic.filter(({ holder }) => holder === null);
    const target = targetOf(me, readers, ofTopic.length, allTopics.indexOf(topic));
    const taken = free.slice(0, Math.max(0, target - mine.length));
    share.claim.push(...taken);
    share.surplus.push(...mine.slice(target));
    if (ofTopic.length === 0 || mine.length + taken.length < target) share.complete = false;
  }
  return share;
}

/** The members that get one more than others are others for each topic, or one member would get all topics of one partition. */
function targetOf(me: string, readers: readonly string[], partitions: number, shift: number): number {
  const sorted = [...readers].sort();
  const rank = (sorted.indexOf(me) + shift) % sorted.length;
  return Math.floor(partitions / sorted.length) + (rank < partitions % sorted.length ? 1 : 0);
}
