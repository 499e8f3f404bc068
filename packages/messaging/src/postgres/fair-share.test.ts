import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fairShare } from './fair-share.js';

type World = {
  topics: string[];
  members: { member: string; topics: string[] }[];
  partitions: { topic: string; partition: number; holder: string | null }[];
};

const topicNames = ['observations', 'graph-changes', 'audit'];
const world: fc.Arbitrary<World> = fc
  .record({
    counts: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 3 }),
    subscriptions: fc.array(fc.subarray(topicNames, { minLength: 1 }), { minLength: 1, maxLength: 6 }),
    holders: fc.infiniteStream(fc.option(fc.nat({ max: 5 }), { nil: null })),
  })
  .map(({ counts, subscriptions, holders }) => {
    const members = subscriptions.map((topics, index) => ({ member: `member-${index}`, topics }));
    const partitions = topicNames.flatMap((topic, at) =>
      Array.from({ length: counts[at] ?? 0 }, (_, partition) => {
        const index = holders.next().value ?? null;
        const holder = index === null ? undefined : members[index];
        return { topic, partition, holder: holder?.topics.includes(topic) ? holder.member : null };
      }),
    );
    return { topics: topicNames, members, partitions };
  });

/** All members take turns, as under the group's lock, until nobody wants anything. */
function settle({ members, partitions }: World): { turns: number; moved: number; partitions: World['partitions'] } {
  const state = partitions.map((partition) => ({ ...partition }));
  let moved = 0;
  for (let turns = 0; turns < 20; turns += 1) {
    let changed = false;
    for (const { member, topics } of members) {
      const { claim, surplus } = fairShare(member, topics, members, state);
      for (const change of [
        ...claim.map((place) => ({ ...place, holder: member })),
        ...surplus.map((place) => ({ ...place, holder: null })),
      ]) {
        const found = state.find(({ topic, partition }) => topic === change.topic && partition === change.partition);
        if (!found) throw new Error('no such partition');
        if (change.holder === null) moved += 1;
        else expect(found.holder).toBeNull();
        found.holder = change.holder;
        changed = true;
      }
    }
    if (!changed) return { turns, moved, partitions: state };
  }
  throw new Error('the members never agree');
}

describe('the fair share of a group member', () => {
  it('ends, from any state, with every partition held and numbers that differ by one at most', () => {
    fc.assert(
      fc.property(world, (start) => {
        const { partitions } = settle(start);
        for (const topic of topicNames) {
          const readers = start.members.filter(({ topics }) => topics.includes(topic)).map(({ member }) => member);
          const ofTopic = partitions.filter((partition) => partition.topic === topic);
          if (readers.length === 0) continue;
          expect(ofTopic.every(({ holder }) => holder !== null)).toBe(true);
          const numbers = readers.map((reader) => ofTopic.filter(({ holder }) => holder === reader).length);
          expect(Math.max(...numbers) - Math.min(...numbers)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it('asks nobody for a partition when the shares are even', () => {
    fc.assert(
      fc.property(world, (start) => {
        const settled = settle(start);
        expect(settle({ ...start, partitions: settled.partitions })).toMatchObject({ turns: 0, moved: 0 });
      }),
    );
  });

  it('gives the single partitions of two topics to different members', () => {
    const members = ['a', 'b'].map((member) => ({ member, topics: ['observations', 'graph-changes'] }));
    const partitions = ['observations', 'graph-changes'].map((topic) => ({ topic, partition: 0, holder: null }));
    const { partitions: settled } = settle({ topics: topicNames, members, partitions });
    expect(new Set(settled.map(({ holder }) => holder))).toEqual(new Set(['a', 'b']));
  });

  it('is not complete while another still holds what is meant for the member, or the topic does not exist', () => {
    const members = ['a', 'b'].map((member) => ({ member, topics: ['t'] }));
    const held = [0, 1].map((partition) => ({ topic: 't', partition, holder: 'a' }));
    expect(fairShare('b', ['t'], members, held)).toEqual({ claim: [], surplus: [], complete: false });
    expect(fairShare('a', ['t'], members, held)).toEqual({ claim: [], surplus: [held[1]], complete: true });
    expect(fairShare('a', ['missing'], members, [])).toMatchObject({ complete: false });
  });
});
