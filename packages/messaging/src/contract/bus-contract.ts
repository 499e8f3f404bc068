import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { maxRecordBytes } from '../port.js';
import { partitionOf } from '../postgres/murmur2.js';
import { connectBus, memberTimeoutMs } from './connect.js';
import { createRecorder, eventually } from './recorder.js';
import { keyOfPartition, records, useBus, type OpenAddress } from './use-bus.js';

/** What every bus promises (port.ts), asked of a real one. */
export function describeBusContract(name: string, openAddress: OpenAddress): void {
  describe(`the bus on ${name}`, () => {
    const at = useBus(openAddress);

    it('delivers key, value, headers of text and bytes, and records without a value', async () => {
      await at.createTopic(1);
      const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      await at.bus.publish(at.topic, [
        {
          key: 'organization',
          value: everyByte,
          headers: { ce_type: 'orgtrail.observation', ümlaut: 'größer ✓', bytes: everyByte },
        },
        { key: '', value: null },
        { key: 'empty', value: new Uint8Array(), headers: { none: '' } },
      ]);
      const recorder = createRecorder();
      at.consume(recorder);
      await eventually('all three arrived', () => recorder.seen.length === 3);

      const [full, without, empty] = recorder.seen;
      expect(full).toMatchObject({
        topic: at.topic,
        partition: 0,
        offset: 0n,
        key: 'organization',
        value: Buffer.from(everyByte),
      });
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
      await at.createTopic(4);
      const keys = Array.from({ length: 12 }, (_, index) => `integration-${index}`);
      const calls: Promise<void>[] = [];
      for (let number = 0; number < 40; number += 1) {
        calls.push(
          at.bus.publish(
            at.topic,
            keys.map((key) => ({ key, value: Buffer.from(`${key} ${number}`) })),
          ),
        );
      }
      await Promise.all(calls);
      const recorder = createRecorder();
      at.consume(recorder);
      await eventually('all arrived', () => recorder.seen.length >= 40 * keys.length);

      for (const key of keys) {
        const expected = Array.from({ length: 40 }, (_, number) => `${key} ${number}`);
        expect(recorder.seen.filter((record) => record.key === key).map(({ value }) => String(value))).toEqual(expected);
      }
    });

    it("places keys as Kafka's default partitioner does, with offsets that count up by one", async () => {
      await at.createTopic(5);
      await at.bus.publish(
        at.topic,
        Array.from({ length: 100 }, (_, index) => ({ key: `schlüssel-${index}`, value: null })),
      );
      const recorder = createRecorder();
      at.consume(recorder);
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
      await at.createTopic(1);
      await at.bus.publish(at.topic, records('a', 'b', 'c'));
      expect(await at.bus.lag(at.group, [at.topic])).toEqual({ [at.topic]: 3n });

      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let handling = false;
      at.consume({
        onBatch: async () => {
          handling = true;
          await released;
        },
      });
      await eventually('the batch is in hand', () => handling);
      await sleep(300);
      const lagMeanwhile = await at.bus.lag(at.group, [at.topic]);
      release();
      expect(lagMeanwhile).toEqual({ [at.topic]: 3n });
      await at.caughtUp();
    });

    it('brings the same records again, in order, when handling fails, and goes on with other partitions meanwhile', async () => {
      await at.createTopic(2);
      const [sick, sound] = [keyOfPartition(0, 2), keyOfPartition(1, 2)];
      let failures = 0;
      const recorder = createRecorder();
      const soundIsThrough = (): boolean => recorder.seen.some(({ partition }) => partition === 1);
      at.consume({
        maxBatchSize: 2,
        onBatch: async (batch) => {
          if (batch.partition === 0 && String(batch.records[0]?.value) === 'c' && (failures < 3 || !soundIsThrough())) {
            failures += 1;
            throw new Error('not now');
          }
          await recorder.onBatch(batch);
        },
      });
      await at.bus.publish(
        at.topic,
        records('a', 'b', 'c', 'd', 'e').map((record) => ({ ...record, key: sick })),
      );
      await eventually('the handling failed', () => failures > 0);
      await at.bus.publish(at.topic, [{ key: sound, value: null }]);
      await eventually('all were handled', () => recorder.seen.length >= 6);
      expect(failures).toBeGreaterThanOrEqual(3);
      const ofTheSick = recorder.seen.filter(({ partition }) => partition === 0);
      expect(ofTheSick.map(({ value }) => String(value)).join('')).toBe('abcde');
      await at.caughtUp();
    });

    it('goes on where the group stopped, and starts a new group with the oldest record', async () => {
      await at.createTopic(1);
      await at.bus.publish(at.topic, records('a', 'b'));
      const first = createRecorder();
      const consumption = at.consume(first);
      await at.caughtUp();
      await consumption.stop();
      await expect(consumption.done).resolves.toBeUndefined();

      await at.bus.publish(at.topic, records('c'));
      const again = createRecorder();
      at.consume(again);
      const other = createRecorder();
      at.consume({ onBatch: other.onBatch, group: `${at.group}.other` });
      await eventually('both groups are through', () => again.seen.length === 1 && other.seen.length === 3);
      expect(first.texts()).toEqual(['a', 'b']);
      expect(again.texts()).toEqual(['c']);
      expect(other.texts()).toEqual(['a', 'b', 'c']);
    });

    it('cuts batches at the size that was asked for', async () => {
      await at.createTopic(1);
      await at.bus.publish(at.topic, records(...Array.from({ length: 25 }, (_, index) => `${index}`)));
      const recorder = createRecorder();
      at.consume({ onBatch: recorder.onBatch, maxBatchSize: 10 });
      await eventually('all arrived', () => recorder.seen.length === 25);
      expect(Math.max(...recorder.batchSizes)).toBeLessThanOrEqual(10);
      expect(recorder.texts()).toEqual(Array.from({ length: 25 }, (_, index) => `${index}`));
    });

    it('carries records of one megabyte, and refuses larger ones without harm to others', async () => {
      await at.createTopic(1);
      const megabyte = Buffer.alloc(1_000_000, 'orgtrail ');
      const tooLarge = at.bus.publish(at.topic, [{ key: 'k', value: Buffer.alloc(maxRecordBytes + 1) }]);
      const fine = at.bus.publish(
        at.topic,
        [0, 1, 2, 3, 4, 5, 6].map((number) => ({ key: 'k', value: megabyte, headers: { number: `${number}` } })),
      );
      await expect(tooLarge).rejects.toMatchObject({ name: 'BusError', code: 'RECORD_TOO_LARGE', retriable: false });
      await fine;
      const largest = Buffer.alloc(maxRecordBytes - 1, 'x');
      await at.bus.publish(at.topic, [{ key: 'k', value: largest }]);

      const recorder = createRecorder();
      at.consume(recorder);
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
      await at.createTopic(1);
      await at.bus.publish(at.topic, records('a', 'b', 'c'));
      const recorder = createRecorder();
      let handling = false;
      let released = false;
      let aborted = false;
      const consumption = at.consume({
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
      expect(await at.bus.lag(at.group, [at.topic])).toEqual({ [at.topic]: 2n });
      await expect(consumption.done).resolves.toBeUndefined();
    });

    it('creates topics for many processes at once, and keeps the partitions of a topic that exists', async () => {
      const topics = Array.from({ length: 4 }, (_, index) => `${at.topic}.${index}`);
      const buses = await Promise.all([1, 2, 3, 4].map(() => connectBus(at.address)));
      try {
        await Promise.all(
          buses.map((each, index) =>
            each.ensureTopics((index % 2 === 0 ? topics : topics.toReversed()).map((name) => ({ topic: name, partitions: 3 }))),
          ),
        );
        await at.bus.ensureTopics([{ topic: topics[0] ?? '', partitions: 7 }]);
        const recorder = createRecorder();
        at.consume({ onBatch: recorder.onBatch, topics });
        for (const name of topics)
          await at.bus.publish(
            name,
            Array.from({ length: 30 }, (_, index) => ({ key: `${index}`, value: null })),
          );
        await eventually('all arrived', () => recorder.seen.length === 4 * 30);
        expect(new Set(recorder.seen.map(({ partition }) => partition))).toEqual(new Set([0, 1, 2]));
        expect(await at.bus.lag(`${at.group}.new`, topics)).toEqual(Object.fromEntries(topics.map((name) => [name, 30n])));
      } finally {
        await Promise.all(buses.map((each) => each.close()));
      }
    });

    it('says so when a topic does not exist', async () => {
      await expect(at.bus.publish(at.topic, records('a'))).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC', retriable: false });
    });

    it('names the topics that are missing', async () => {
      const absent = `${at.topic}.absent`;
      await at.bus.ensureTopics([{ topic: at.topic, partitions: 1 }]);
      await expect(at.bus.missingTopics([at.topic, absent])).resolves.toEqual([absent]);
    });

    it('answers a ping, and refuses everything after close', async () => {
      const other = await connectBus(at.address);
      await expect(other.ping()).resolves.toBeUndefined();
      expect(other.kind).toBe(at.address.kind);
      await other.close();
      await other.close();
      await expect(other.publish(at.topic, records('a'))).rejects.toMatchObject({ code: 'BUS_CLOSED' });
      await expect(other.ping()).rejects.toMatchObject({ code: 'BUS_CLOSED' });
    });
  });
}
