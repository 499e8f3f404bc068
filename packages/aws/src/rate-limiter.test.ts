import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { TokenBucket, type Priority } from './rate-limiter.js';

let now = 0;
beforeEach(() => {
  now = 0;
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

async function advance(milliseconds: number): Promise<void> {
  for (let step = 0; step < milliseconds; step += 10) {
    now += 10;
    await jest.advanceTimersByTimeAsync(10);
  }
}

function served(bucket: TokenBucket, priorities: readonly Priority[]): { order: number[] } {
  const record: { order: number[] } = { order: [] };
  priorities.forEach((priority, index) => void bucket.take(priority).then(() => record.order.push(index)));
  return record;
}

describe('the token bucket', () => {
  it('begins empty, since whoever takes over must not add its burst to that of a crashed process', async () => {
    const record = served(new TokenBucket({ rate: 10, burst: 5, now: () => now }), ['event']);
    await jest.advanceTimersByTimeAsync(0);
    expect(record.order).toEqual([]);
    await advance(120);
    expect(record.order).toEqual([0]);
  });

  it('never lets through more than rate times time plus burst', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 8 }),
        async (rate, burst, pauses) => {
          now = 0;
          const bucket = new TokenBucket({ rate, burst, now: () => now });
          const record = served(
            bucket,
            Array.from({ length: 200 }, () => 'sync' as const),
          );
          for (const pause of pauses) {
            await advance(pause);
            expect(record.order.length).toBeLessThanOrEqual((rate * now) / 1000 + burst);
          }
        },
      ),
      { numRuns: 20 },
    );
  });

  it('serves events before full syncs, and first come first served inside one priority', async () => {
    const record = served(new TokenBucket({ rate: 10, burst: 1, now: () => now }), [
      'background',
      'sync',
      'sync',
      'event',
      'confirmation',
      'event',
    ]);
    await advance(1000);
    expect(record.order).toEqual([3, 5, 4, 1, 2, 0]);
  });

  it('halves its rate for a while after AWS asked to slow down, and comes back', async () => {
    const bucket = new TokenBucket({ rate: 10, burst: 1, now: () => now });
    bucket.slowDown();
    const record = served(
      bucket,
      Array.from({ length: 1000 }, () => 'sync' as const),
    );
    await advance(2000);
    const slow = record.order.length;
    await advance(20_000);
    const before = record.order.length;
    await advance(2000);
    expect(slow).toBeLessThanOrEqual(11);
    expect(record.order.length - before).toBeGreaterThanOrEqual(19);
  });

  it('lets a waiting call give up, and serves the next one in its place', async () => {
    const bucket = new TokenBucket({ rate: 10, burst: 1, now: () => now });
    const giving = new AbortController();
    const order: string[] = [];
    const first = bucket.take('sync', giving.signal).catch((error: unknown) => order.push(String(error)));
    void bucket.take('sync').then(() => order.push('second'));
    giving.abort('no longer needed');
    await first;
    await advance(110);
    expect(order).toEqual(['no longer needed', 'second']);
    await expect(bucket.take('sync', giving.signal)).rejects.toBe('no longer needed');
  });
});
