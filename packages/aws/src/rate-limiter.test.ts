import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { TokenBucket } from './rate-limiter.js';
import type { Priority } from './waiting-line.js';

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

  it('lets through no more than its rate in any ten seconds, bursts included', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0.5, 1, 2.5, 4, 5, 10),
        fc.array(fc.record({ calls: fc.nat(60), pause: fc.integer({ min: 0, max: 9000 }) }), { minLength: 1, maxLength: 5 }),
        async (rate, phases) => {
          now = 0;
          const bucket = new TokenBucket({ rate, burst: rate * 0.75 + 1, now: () => now });
          const times: number[] = [];
          for (const { calls, pause } of phases) {
            for (let call = 0; call < calls; call += 1) void bucket.take('event').then(() => times.push(now));
            await advance(pause);
          }
          for (const [index, time] of times.entries()) {
            const inWindow = times.slice(index).filter((later) => later < time + 10_000).length;
            expect(inWindow).toBeLessThanOrEqual(Math.max(1, rate * 10));
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

  it('keeps a tenth for syncs and background reads while events never end, and gives it to whoever waits longest', async () => {
    const bucket = new TokenBucket({ rate: 10, burst: 1, now: () => now });
    const order: Priority[] = [];
    const take = (priority: Priority) => void bucket.take(priority).then(() => order.push(priority));
    take('background');
    for (let call = 0; call < 200; call += 1) take('event');
    for (let call = 0; call < 20; call += 1) take(call % 2 === 0 ? 'confirmation' : 'sync');
    await advance(9_900);
    expect(order.filter((priority) => priority === 'event').length).toBeGreaterThanOrEqual(86);
    expect(order.slice(0, 10)).toEqual([...Array.from({ length: 9 }, () => 'event'), 'background']);
    expect(order.filter((priority) => priority === 'sync').length).toBeGreaterThanOrEqual(8);
    expect(order).not.toContain('confirmation');
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

  it('never lets through more than its rate while it is asked to slow down, and recovers whatever it was told', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ after: fc.integer({ min: 0, max: 5000 }), retryAfterMs: fc.constantFrom(0, 0, 500, 4000) }), {
          maxLength: 8,
        }),
        async (requests) => {
          now = 0;
          const bucket = new TokenBucket({ rate: 10, burst: 5, now: () => now });
          const record = served(
            bucket,
            Array.from({ length: 3000 }, () => 'sync' as const),
          );
          let pausedUntil = 0;
          for (const { after, retryAfterMs } of requests) {
            await advance(after);
            bucket.slowDown(retryAfterMs);
            const before = record.order.length;
            await advance(Math.floor(retryAfterMs / 10) * 10 - 10);
            expect(record.order.length).toBe(before);
            pausedUntil = now;
            expect(record.order.length).toBeLessThanOrEqual((10 * now) / 1000 + 5);
          }
          // At worst a sixteenth: ten quiet seconds, then four doublings five seconds apart.
          await advance(Math.max(0, 30_000 - (now - pausedUntil)));
          const before = record.order.length;
          await advance(10_200);
          expect(record.order.length - before).toBeGreaterThanOrEqual(99);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('lets through no more than may be under way, since what has not left yet would leave together', async () => {
    const bucket = new TokenBucket({ rate: 10, burst: 5, mostUnderWay: 3, now: () => now });
    const ended: (() => void)[] = [];
    for (let call = 0; call < 10; call += 1) void bucket.take('sync').then((end) => ended.push(end));
    await advance(5000);
    expect(ended).toHaveLength(3);
    ended[0]!();
    ended[1]!();
    await advance(10);
    expect(ended).toHaveLength(5);
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
