import { retryTransient } from '@orgtrail/database';
import type pg from 'pg';
import { inBriefTransaction } from './brief-transaction.js';
import { fairShare } from './fair-share.js';
import { deleteMember, expireMembers, lockGroup, notifyGroup, renewMember, selectMembers } from './sql/group-members.js';
import {
  addMissingOffsets,
  claimPartitions,
  releasePartitions,
  selectHoldings,
  type Holding,
  type TopicPartition,
} from './sql/group-offsets.js';

export interface Part {
  /** What this member holds now, with what it claimed just now and with what it should give up. */
  held: Holding[];
  /** To be given up: finish the batch in hand, then name it in `released`. */
  surplus: TopicPartition[];
  /** True when nothing that is meant for this member is still held by another. */
  complete: boolean;
}

/**
 * One turn of a member, in the caller's transaction: renew the lease, give back, sweep the dead, claim what is free within the fair share.
 * The group's lock makes the turns of all members follow each other, so two never claim the same partition.
 */
export async function takePart(
  client: pg.PoolClient,
  {
    group,
    member,
    topics,
    leaseMs,
    released,
  }: { group: string; member: string; topics: readonly string[]; leaseMs: number; released: TopicPartition[] },
): Promise<Part> {
  await lockGroup(client, group);
  const before = await selectMembers(client, group);
  await renewMember(client, { group, member, topics, leaseMs });
  if (released.length > 0) await releasePartitions(client, group, member, released);
  await expireMembers(client, group);
  await addMissingOffsets(client, group, topics);
  const members = await selectMembers(client, group);
  const share = fairShare(member, topics, members, await selectHoldings(client, group, topics));
  if (share.claim.length > 0) await claimPartitions(client, group, member, share.claim);
  const joined = !before.some((other) => other.member === member);
  if (joined || released.length > 0) await notifyGroup(client, group);
  const holdings = await selectHoldings(client, group, topics);
  return { held: holdings.filter(({ holder }) => holder === member), surplus: share.surplus, complete: share.complete };
}

/** Gives everything back at once, so that the others need not wait for the lease to run out. */
export async function leaveGroup(
  pool: pg.Pool,
  { group, member, patienceMs }: { group: string; member: string; patienceMs: number },
): Promise<void> {
  const leave = (): Promise<void> =>
    inBriefTransaction(pool, patienceMs, async (client) => {
      await lockGroup(client, group);
      await deleteMember(client, group, member);
      await notifyGroup(client, group);
    });
  await retryTransient(leave, { attempts: 10, signal: AbortSignal.timeout(patienceMs) });
}
