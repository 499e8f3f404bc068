import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OutgoingRecord } from '../port.js';
import { connectBus } from './connect.js';
import { startMemberProcess, type MemberProcess, type MemberTask } from './member-process.js';
import { createRecorder, eventually } from './recorder.js';
import { keyOfPartition, records, useBus, type OpenAddress } from './use-bus.js';

/** What a bus promises to a group whose members come, leave, are killed or fall silent. */
export function describeGroupMembers(name: string, openAddress: OpenAddress): void {
  describe(`the bus on ${name}, with several members of a group`, () => {
    const members: MemberProcess[] = [];
    // Before those of the bus: no frozen member is left in the group when the consumptions stop.
    afterEach(async () => {
      await Promise.all(members.splice(0).map((member) => member.kill()));
    }, 60_000);
    const at = useBus(openAddress);
    const startMember = async (handling: MemberTask['handling']): Promise<MemberProcess> => {
      const member = await startMemberProcess({ address: at.address, topic: at.topic, group: at.group, handling });
      members.push(member);
      return member;
    };

    it('has a record handled whose consumer was killed between its publishing and its handling', async () => {
      await at.createTopic(1);
      await at.bus.publish(at.topic, records('before'));
      const member = await startMember('at once');
      await eventually('the first record was handled', () => member.handling().length === 1);
      await at.caughtUp();
      member.freeze();
      await at.bus.publish(at.topic, records('published while it sleeps'));
      await member.kill();
      expect(member.handling()).toEqual(['before']);

      const recorder = createRecorder();
      at.consume(recorder);
      await eventually('the record was handled after the restart', () => recorder.seen.length > 0);
      expect(recorder.texts()).toEqual(['published while it sleeps']);
      await at.caughtUp();
    });

    it('brings the records again whose consumer was killed while handling them', async () => {
      await at.createTopic(1);
      const member = await startMember('for ever');
      await at.bus.publish(at.topic, records('a', 'b'));
      await eventually('the member has them in hand', () => member.handling().length > 0);
      await member.kill();

      const recorder = createRecorder();
      at.consume(recorder);
      await eventually('they came again', () => recorder.seen.length === 2);
      expect(recorder.texts()).toEqual(['a', 'b']);
      await at.caughtUp();
    });

    it('takes the partition from a member that fell silent, and refuses its heartbeat and its commit when it returns', async () => {
      await at.createTopic(1);
      const zombie = await startMember('when told');
      await at.bus.publish(at.topic, records('a'));
      await eventually('the member has it in hand', () => zombie.handling().length === 1);
      zombie.freeze();
      await at.bus.publish(at.topic, records('b', 'c'));

      const recorder = createRecorder();
      at.consume(recorder);
      await eventually('another took over', () => recorder.seen.length === 3);
      expect(recorder.texts()).toEqual(['a', 'b', 'c']);
      await at.caughtUp();

      zombie.tell();
      zombie.thaw();
      await eventually('the zombie sent its heartbeat', () => zombie.heartbeats().length === 1);
      expect(zombie.heartbeats()).toEqual(['lost']);
      await sleep(500);
      expect(await at.bus.lag(at.group, [at.topic])).toEqual({ [at.topic]: 0n });
    });

    it('shares the partitions among the consumers of a group, and gives them to the rest when one leaves', async () => {
      await at.createTopic(4);
      const keys = [0, 1, 2, 3].map((partition) => keyOfPartition(partition, 4));
      const everywhere = (text: string): OutgoingRecord[] => keys.map((key) => ({ key, value: Buffer.from(text) }));
      const otherBus = await connectBus(at.address);
      const [mine, theirs] = [createRecorder(), createRecorder()];
      const stayer = at.consume(mine);
      await stayer.ready;
      const leaver = at.consume(theirs, otherBus);
      await leaver.ready;

      const partitionsOf = (recorder: typeof mine, text: string): number[] =>
        recorder.seen.filter(({ value }) => String(value) === text).map(({ partition }) => partition);
      let round = 0;
      await eventually('each reads two partitions', async () => {
        round += 1;
        const text = `shared ${round}`;
        await at.bus.publish(at.topic, everywhere(text));
        await eventually('the round arrived', () => partitionsOf(mine, text).length + partitionsOf(theirs, text).length >= 4);
        return partitionsOf(mine, text).length === 2 && partitionsOf(theirs, text).length === 2;
      });

      await leaver.stop();
      await at.bus.publish(at.topic, everywhere('alone'));
      await eventually('the rest reads all four', () => partitionsOf(mine, 'alone').length === 4);
      expect(partitionsOf(theirs, 'alone')).toEqual([]);
      await at.caughtUp();
      await otherBus.close();
    });
  });
}
