import { describe, expect, it } from '@jest/globals';
import type { EachBatchPayload } from 'kafkajs';
import type { Batch } from '../port.js';
import { createBatchesInHand } from './batches-in-hand.js';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

interface Given {
  batch: Batch;
  done: PromiseWithResolvers<undefined>;
}

/** A consumption whose handler ends each batch when the test says so, and what it tells kafkajs. */
function consumption() {
  const given: Given[] = [];
  const told: string[] = [];
  const batches = createBatchesInHand(
    {
      topics: ['t'],
      group: 'g',
      batchesInHand: 2,
      onBatch: async (batch) => {
        const done = Promise.withResolvers<undefined>();
        given.push({ batch, done });
        await batch.before;
        await done.promise;
      },
    },
    new AbortController().signal,
    silent,
  );
  /** One record, of a partition that has a thousand. */
  const fetched = (offset: number): Promise<void> =>
    batches.eachBatch({
      batch: {
        topic: 't',
        partition: 0,
        highWatermark: '1000',
        messages: [{ offset: String(offset), key: null, value: null, headers: {}, timestamp: '0' }],
      },
      isRunning: () => true,
      isStale: () => false,
      pause: () => {
        told.push('paused');
        return () => undefined;
      },
      heartbeat: () => Promise.resolve(),
      resolveOffset: (resolved: string) => void told.push(`read up to ${resolved}`),
      commitOffsetsIfNecessary: (offsets: { topics: { partitions: { offset: string }[] }[] }) => {
        told.push(`committed ${String(offsets.topics[0]?.partitions[0]?.offset)}`);
        return Promise.resolve();
      },
    } as unknown as EachBatchPayload);
  return { given, told, batches, fetched };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('the batches in hand', () => {
  it('are read ahead by one, and committed in order', async () => {
    const { given, told, fetched } = consumption();
    await fetched(0);
    expect(told).toEqual(['read up to 0']);
    const second = fetched(1);
    await settled();
    given[1]?.done.resolve(undefined);
    await settled();
    expect(told).toEqual(['read up to 0']);
    given[0]?.done.resolve(undefined);
    await second;
    await settled();
    expect(told).toEqual(['read up to 0', 'committed 1', 'read up to 1', 'committed 2']);
  });

  it('take the position back to the first that failed, with all behind it', async () => {
    const { given, told, fetched } = consumption();
    await fetched(0);
    const second = fetched(1);
    await settled();
    given[0]?.done.reject(new Error('not now'));
    await second;
    expect(told).toEqual(['read up to 0', 'read up to -1', 'paused']);
  });

  it('have no say in the position when the group was joined meanwhile, and those that follow wait for all of them', async () => {
    const { given, told, batches, fetched } = consumption();
    await fetched(0);
    const second = fetched(1);
    await settled();
    batches.joined();
    given[0]?.done.reject(new Error('not now'));
    await second;
    expect(told).toEqual(['read up to 0']);

    // From the committed offset again.
    const again = fetched(0);
    await settled();
    expect(given).toHaveLength(3);
    let isBeforeDone = false;
    void given[2]?.batch.before.then(() => (isBeforeDone = true));
    given[1]?.done.resolve(undefined);
    given[2]?.done.resolve(undefined);
    await again;
    await batches.ended();
    expect(isBeforeDone).toBe(true);
    expect(told).toEqual(['read up to 0', 'read up to 0', 'committed 1']);
  });
});
