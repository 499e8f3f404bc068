import { beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, Consumption } from '../port.js';
import { eventually } from './recorder.js';
import { useBus, type OpenAddress } from './use-bus.js';

/** What a bus promises that may hand over a batch before the last one was handled; one that never does keeps it as well. */
export function describeSeveralInHand(name: string, openAddress: OpenAddress, { overlaps }: { overlaps: boolean }): void {
  describe(`the bus on ${name}, with two batches in hand`, () => {
    const at = useBus(openAddress);
    beforeEach(() => at.createTopic(1));

    const texts = Array.from({ length: 12 }, (_, index) => String(index));
    const publish = (): Promise<void> =>
      at.bus.publish(
        at.topic,
        texts.map((text) => ({ key: 'organization', value: Buffer.from(text) })),
      );
    const consume = (onBatch: (batch: Batch) => Promise<void>): Consumption =>
      at.consume({ maxBatchSize: 2, batchesInHand: 2, onBatch });
    const lag = async (): Promise<bigint | undefined> => (await at.bus.lag(at.group, [at.topic]))[at.topic];

    it('never gives a third, and keeps the order of those that wait for the one before', async () => {
      const applied: string[] = [];
      let inHand = 0;
      let most = 0;
      await publish();
      consume(async ({ records, before }) => {
        inHand += 1;
        most = Math.max(most, inHand);
        await sleep(20);
        await before;
        applied.push(...records.map(({ value }) => String(value)));
        inHand -= 1;
      });
      await eventually('all were handled', async () => (await lag()) === 0n);
      expect(applied).toEqual(texts);
      expect(most).toBe(overlaps ? 2 : 1);
    });

    it('moves the offset behind a batch only when those before it were handled', async () => {
      const first = Promise.withResolvers<undefined>();
      let handled = 0;
      await publish();
      consume(async ({ records }) => {
        if (records[0]?.offset === 0n) await first.promise;
        handled += 1;
      });
      if (overlaps) await eventually('the second was handled', () => handled === 1);
      await sleep(200);
      expect(await lag()).toBe(12n);
      first.resolve(undefined);
      await eventually('all were handled', async () => (await lag()) === 0n);
    });

    it('brings what failed again, and what was in hand behind it, with nothing skipped', async () => {
      const applied: string[] = [];
      const given: string[] = [];
      let failures = 0;
      await publish();
      consume(async ({ records, before }) => {
        const own = records.map(({ value }) => String(value));
        given.push(own.join('+'));
        await sleep(10);
        await before;
        if (own.includes('5') && failures < 2) {
          failures += 1;
          throw new Error('not now');
        }
        applied.push(...own);
      });
      await eventually('all were handled', async () => (await lag()) === 0n);
      expect(failures).toBe(2);
      expect(applied).toEqual(texts);
      expect(given.filter((batch) => batch === '4+5')).toHaveLength(3);
      expect(given.filter((batch) => batch === '6+7')).toHaveLength(overlaps ? 3 : 1);
    });

    it('handles what is in hand to its end and commits it when it is stopped', async () => {
      const begun: bigint[] = [];
      const applied: bigint[] = [];
      await publish();
      const consumption = consume(async ({ records, before }) => {
        const own = records.map(({ offset }) => offset);
        begun.push(...own);
        await sleep(200);
        await before;
        applied.push(...own);
      });
      await eventually('the first are in hand', () => begun.length === (overlaps ? 4 : 2));
      await consumption.stop();
      expect(applied).toEqual(begun);
      expect(await lag()).toBe(BigInt(texts.length - applied.length));
    });
  });
}
