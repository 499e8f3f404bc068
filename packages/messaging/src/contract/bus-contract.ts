import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxRecordBytes, type Bus, type Consumption, type ConsumeOptions, type OutgoingRecord } from '../port.js';
import { partitionOf } from '../postgres/murmur2.js';
import { connectBus, memberTimeoutMs, type BusAddress } from './connect.js';
import { startMemberProcess, type MemberProcess, type MemberTask } from './member-process.js';
import { createRecorder, eventually } from './recorder.js';

/** What every bus promises (port.ts), asked of a real one. */
export function describeBusContract(
  name: string,
  openAddress: () => Promise<{ address: BusAddress; close: () => Promise<void> }>,
): void {
  describe(`the bus on ${name}`, () => {
    let place: { address: BusAddress; close: () => Promise<void> };
    let bus: Bus;
    let topic: string;
    let group: string;
    const members: MemberProcess[] = [];
    const consumptions: Consumption[] = [];

    beforeAll(async () => {
      place = await openAddress();
      bus = await connectBus(place.address);
    }, 120_000);
    afterAll(async () => {
      await bus.close();
      await place.close();
    });
    beforeEach(() => {
      topic = `contract.${randomUUID()}`;
      group = `group.${randomUUID()}`;
    });
    afterEach(async () => {
      await Promise.all(members.splice(0).map((member) => member.kill()));
      await Promise.all(consumptions.splice(0).map((consumption) => consumption.stop()));
    }, 60_000);

    const createTopic = (partitions: number): Promise<void> => bus.ensureTopics([{ topic, partitions }]);
    const consume = (options: Pick<ConsumeOptions, 'onBatch'> & Partial<ConsumeOptions>, on: Bus = bus): Consumption => {
      const consumption = on.consume({ topics: [topic], group, ...options });
      consumptions.push(consumption);
      return consumption;
    };
    const startMember = async (handling: MemberTask['handling']): Promise<MemberProcess> => {
      const member = await startMemberProcess({ address: place.address, topic, group, handling });
      members.push(member);
      return member;
    };
    const caughtUp = (): Promise<void> =>
      eventually('the group has committed everything', async () => (await bus.lag(group, [topic]))[topic] === 0n);

    it('delivers key, value, headers of text and bytes, and records without a value', async () => {
      await createTopic(1);
      const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await bus.publish(topic, [
        {
          key: 'organization',
          value: everyByte,
          headers: { ce_type: 'orgtrail.observation', ümlaut: 'größer ✓', bytes: everyByte },
        },
        { key: '', value: null },
        { key: 'empty', value: new Uint8Array(), headers: { none: '' } },
      ]);
      const recorder = createRecorder();
      consume(recorder);
      await eventually('all three arrived', () => recorder.seen.length === 3);

      const [full, without, empty] = recorder.seen;
      expect(full).toMatchObject({ topic, partition: 0, offset: 0n, key: 'organization', value: Buffer.from(everyByte) });
      expect(full?.headers).toEqual({
        ce_type: Buffer.from('orgtrail.observation'),
        ümlaut: Buffer.from('größer ✓'),
        bytes: Buffer.from(everyByte),
      });
      expect(Math.abs((full?.timestamp ?? 0) - Date.now())).toBeLessThan(120_000);
      expect(without).toMatchObject({ offset: 1n, key: '', value: null, headers: {} });
      expect(empty).toMatchObject({ offset: 2n, value: Buffer.alloc(0), headers: { none: Buffer.alloc(0) } });
    });

    it('keeps the order of each key, also of calls that did not wait for each other', async () => {
      await createTopic(4);
      const keys = Array.from({ length: 12 }, (_, index) => `integration-${index}`);
      const calls: Promise<void>[] = [];
      for (let number = 0; number < 40; number += 1) {
        calls.push(
          bus.publish(
            topic,
            keys.map((key) => ({ key, value: Buffer.from(`${key} ${number}`) })),
          ),
        );
      }
      await Promise.all(calls);
      const recorder = createRecorder();
      consume(recorder);
      await eventually('all arrived', () => recorder.seen.length >= 40 * keys.length);

      for (const key of keys) {
        const expected = Array.from({ length: 40 }, (_, number) => `${key} ${number}`);
        expect(recorder.seen.filter((record) => record.key === key).map(({ value }) => String(value))).toEqual(expected);
      }
    });

    it("places keys as Kafka's default partitioner does, with offsets that count up by one", async () => {
      await createTopic(5);
      await bus.publish(
        topic,
        Array.from({ length: 100 }, (_, index) => ({ key: `schlüssel-${index}`, value: null })),
      );
      const recorder = createRecorder();
      consume(recorder);
      await eventually('all arrived', () => recorder.seen.length === 100);

      const next = new Map<number, bigint>();
      for (const { key, partition, offset } of recorder.seen) {
        expect(partition).toBe(partitionOf(key ?? '', 5));
        expect(offset).toBe(next.get(partition) ?? 0n);
        next.set(partition, offset + 1n);
      }
      expect(next.size).toBe(5);
    });

    it('moves the offset of a group only after its records were handled', async () => {
      await createTopic(1);
      await bus.publish(topic, records('a', 'b', 'c'));
      expect(await bus.lag(group, [topic])).toEqual({ [topic]: 3n });

      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let handling = false;
      consume({
        onBatch: async () => {
          handling = true;
          await released;
        },
      });
      await eventually('the batch is in hand', () => handling);
      await sleep(300);
      const lagMeanwhile = await bus.lag(group, [topic]);
      release();
      expect(lagMeanwhile).toEqual({ [topic]: 3n });
      await caughtUp();
    });

    it('brings the same records again, in order, when handling fails, and goes on with other partitions meanwhile', async () => {
      await createTopic(2);
      const [sick, sound] = [keyOfPartition(0, 2), keyOfPartition(1, 2)];
      let failures = 0;
      const recorder = createRecorder();
      const soundIsThrough = (): boolean => recorder.seen.some(({ partition }) => partition === 1);
      consume({
        maxBatchSize: 2,
        onBatch: async (batch) => {
          if (batch.partition === 0 && String(batch.records[0]?.value) === 'c' && (failures < 3 || !soundIsThrough())) {
            failures += 1;
            throw new Error('not now');
          }
          await recorder.onBatch(batch);
        },
      });
      await bus.publish(
        topic,
        records('a', 'b', 'c', 'd', 'e').map((record) => ({ ...record, key: sick })),
      );
      await eventually('the handling failed', () => failures > 0);
      await bus.publish(topic, [{ key: sound, value: null }]);
      await eventually('all were handled', () => recorder.seen.length >= 6);
      expect(failures).toBeGreaterThanOrEqual(3);
      const ofTheSick = recorder.seen.filter(({ partition }) => partition === 0);
      expect(ofTheSick.map(({ value }) => String(value)).join('')).toBe('abcde');
      await caughtUp();
    });

    it('goes on where the group stopped, and starts a new group with the oldest record', async () => {
      await createTopic(1);
      await bus.publish(topic, records('a', 'b'));
      const first = createRecorder();
      const consumption = consume(first);
      await caughtUp();
      await consumption.stop();
      await expect(consumption.done).resolves.toBeUndefined();

      await bus.publish(topic, records('c'));
      const again = createRecorder();
      consume(again);
      const other = createRecorder();
      consume({ onBatch: other.onBatch, group: `${group}.other` });
      await eventually('both groups are through', () => again.seen.length === 1 && other.seen.length === 3);
      expect(first.texts()).toEqual(['a', 'b']);
      expect(again.texts()).toEqual(['c']);
      expect(other.texts()).toEqual(['a', 'b', 'c']);
    });

    it('cuts batches at the size that was asked for', async () => {
      await createTopic(1);
      await bus.publish(topic, records(...Array.from({ length: 25 }, (_, index) => `${index}`)));
      const recorder = createRecorder();
      consume({ onBatch: recorder.onBatch, maxBatchSize: 10 });
      await eventually('all arrived', () => recorder.seen.length === 25);
      expect(Math.max(...recorder.batchSizes)).toBeLessThanOrEqual(10);
      expect(recorder.texts()).toEqual(Array.from({ length: 25 }, (_, index) => `${index}`));
    });

    it('has a record handled whose consumer was killed between its publishing and its handling', async () => {
      await createTopic(1);
      await bus.publish(topic, records('before'));
      const member = await startMember('at once');
      await eventually('the first record was handled', () => member.handling().length === 1);
      await caughtUp();
      member.freeze();
      await bus.publish(topic, records('published while it sleeps'));
      await member.kill();
      expect(member.handling()).toEqual(['before']);

      const recorder = createRecorder();
      consume(recorder);
      await eventually('the record was handled after the restart', () => recorder.seen.length > 0);
      expect(recorder.texts()).toEqual(['published while it sleeps']);
      await caughtUp();
    });

    it('brings the records again whose consumer was killed while handling them', async () => {
      await createTopic(1);
      const member = await startMember('for ever');
      await bus.publish(topic, records('a', 'b'));
      await eventually('the member has them in hand', () => member.handling().length > 0);
      await member.kill();

      const recorder = createRecorder();
      consume(recorder);
      await eventually('they came again', () => recorder.seen.length === 2);
      expect(recorder.texts()).toEqual(['a', 'b']);
      await caughtUp();
    });

    it('takes the partition from a member that fell silent, and refuses its heartbeat and its commit when it returns', async () => {
      await createTopic(1);
      const zombie = await startMember('when told');
      await bus.publish(topic, records('a'));
      await eventually('the member has it in hand', () => zombie.handling().length === 1);
      zombie.freeze();
      await bus.publish(topic, records('b', 'c'));

      const recorder = createRecorder();
      consume(recorder);
      await eventually('another took over', () => recorder.seen.length === 3);
      expect(recorder.texts()).toEqual(['a', 'b', 'c']);
      await caughtUp();

      zombie.tell();
      zombie.thaw();
      await eventually('the zombie sent its heartbeat', () => zombie.heartbeats().length === 1);
      expect(zombie.heartbeats()).toEqual(['lost']);
      await sleep(500);
      expect(await bus.lag(group, [topic])).toEqual({ [topic]: 0n });
    });

    it('shares the partitions among the consumers of a group, and gives them to the rest when one leaves', async () => {
      await createTopic(4);
      const keys = [0, 1, 2, 3].map((partition) => keyOfPartition(partition, 4));
      const everywhere = (text: string): OutgoingRecord[] => keys.map((key) => ({ key, value: Buffer.from(text) }));
      const otherBus = await connectBus(place.address);
      const [mine, theirs] = [createRecorder(), createRecorder()];
      const stayer = consume(mine);
      await stayer.ready;
      const leaver = consume(theirs, otherBus);
      await leaver.ready;

      const partitionsOf = (recorder: typeof mine, text: string): number[] =>
        recorder.seen.filter(({ value }) => String(value) === text).map(({ partition }) => partition);
      let round = 0;
      await eventually('each reads two partitions', async () => {
        round += 1;
        const text = `shared ${round}`;
        await bus.publish(topic, everywhere(text));
        await eventually('the round arrived', () => partitionsOf(mine, text).length + partitionsOf(theirs, text).length >= 4);
        return partitionsOf(mine, text).length === 2 && partitionsOf(theirs, text).length === 2;
      });

      await leaver.stop();
      await bus.publish(topic, everywhere('alone'));
      await eventually('the rest reads all four', () => partitionsOf(mine, 'alone').length === 4);
      expect(partitionsOf(theirs, 'alone')).toEqual([]);
      await caughtUp();
      await otherBus.close();
    });

    it('carries records of one megabyte, and refuses larger ones without harm to others', async () => {
      await createTopic(1);
      const megabyte = Buffer.alloc(1_000_000, 'orgtrail ');
      const tooLarge = bus.publish(topic, [{ key: 'k', value: Buffer.alloc(maxRecordBytes + 1) }]);
      const fine = bus.publish(
        topic,
        [0, 1, 2, 3, 4, 5, 6].map((number) => ({ key: 'k', value: megabyte, headers: { number: `${number}` } })),
      );
      await expect(tooLarge).rejects.toMatchObject({ name: 'BusError', code: 'RECORD_TOO_LARGE', retriable: false });
      await fine;
      const largest = Buffer.alloc(maxRecordBytes - 1, 'x');
      await bus.publish(topic, [{ key: 'k', value: largest }]);

      const recorder = createRecorder();
      consume(recorder);
      await eventually('all arrived', () => recorder.seen.length === 8);
      expect(recorder.seen.slice(0, 7).map(({ headers }) => String(headers['number']))).toEqual([
        '0',
        '1',
        '2',
        '3',
        '4',
        '5',
        '6',
      ]);
      expect(recorder.seen.slice(0, 7).every(({ value }) => value?.equals(megabyte))).toBe(true);
      expect(recorder.seen[7]?.value?.equals(largest)).toBe(true);
    });

    it('stops while busy: waits for the batch in hand, commits it, begins no other', async () => {
      await createTopic(1);
      await bus.publish(topic, records('a', 'b', 'c'));
      const recorder = createRecorder();
      let handling = false;
      let released = false;
      let aborted = false;
      const consumption = consume({
        maxBatchSize: 1,
        onBatch: async (batch) => {
          handling = true;
          batch.signal.addEventListener('abort', () => (aborted = true));
          while (!released) {
            await batch.heartbeat();
            await sleep(50);
          }
          await recorder.onBatch(batch);
        },
      });
      await eventually('the first record is in hand', () => handling);
      let stopped = false;
      const stop = consumption.stop().then(() => (stopped = true));
      await eventually('the handler was told', () => aborted);
      await sleep(2 * memberTimeoutMs); // it stays a member until it is through
      const stoppedMeanwhile = stopped;
      released = true;
      await stop;
      expect(stoppedMeanwhile).toBe(false);
      expect(recorder.texts()).toEqual(['a']);
      expect(await bus.lag(group, [topic])).toEqual({ [topic]: 2n });
      await expect(consumption.done).resolves.toBeUndefined();
    });

    it('creates topics for many processes at once, and keeps the partitions of a topic that exists', async () => {
      const topics = Array.from({ length: 4 }, (_, index) => `${topic}.${index}`);
      const buses = await Promise.all([1, 2, 3, 4].map(() => connectBus(place.address)));
      try {
        await Promise.all(
          buses.map((each, index) =>
            each.ensureTopics((index % 2 === 0 ? topics : topics.toReversed()).map((name) => ({ topic: name, partitions: 3 }))),
          ),
        );
        await bus.ensureTopics([{ topic: topics[0] ?? '', partitions: 7 }]);
        const recorder = createRecorder();
        consume({ onBatch: recorder.onBatch, topics });
        for (const name of topics)
          await bus.publish(
            name,
            Array.from({ length: 30 }, (_, index) => ({ key: `${index}`, value: null })),
          );
        await eventually('all arrived', () => recorder.seen.length === 4 * 30);
        expect(new Set(recorder.seen.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
        expect(await bus.lag(`${group}.new`, topics)).toEqual(Object.fromEntries(topics.map((name) => [name, 30n])));
      } finally {
        await Promise.all(buses.map((each) => each.close()));
      }
    });

    it('says so when a topic does not exist', async () => {
      await expect(bus.publish(topic, records('a'))).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC', retriable: false });
    });

    it('names the topics that are missing', async () => {
      const absent = `${topic}.absent`;
      await bus.ensureTopics([{ topic, partitions: 1 }]);
      await expect(bus.missingTopics([topic, absent])).resolves.toEqual([absent]);
    });

    it('answers a ping, and refuses everything after close', async () => {
      const other = await connectBus(place.address);
      await expect(other.ping()).resolves.toBeUndefined();
      expect(other.kind).toBe(place.address.kind);
      await other.close();
      await other.close();
      await expect(other.publish(topic, records('a'))).rejects.toMatchObject({ code: 'BUS_CLOSED' });
      await expect(other.ping()).rejects.toMatchObject({ code: 'BUS_CLOSED' });
    });
  });
}

function records(...texts: string[]): OutgoingRecord[] {
  return texts.map((text) => ({ key: 'organization', value: Buffer.from(text) }));
}

function keyOfPartition(partition: number, partitions: number): string {
  for (let number = 0; ; number += 1) if (partitionOf(`key-${number}`, partitions) === partition) return `key-${number}`;
}
