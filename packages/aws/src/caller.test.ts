import { describe, expect, it } from '@jest/globals';
import { createCaller } from './caller.js';

const throttled = (headers: Record<string, string> = {}) =>
  Object.assign(new Error('Rate exceeded'), { name: 'TooManyRequestsException', $response: { statusCode: 400, headers } });

describe('the budget of an operation', () => {
  it('tells what may be used, what was used and what was throttled in the last minute', async () => {
    let passed = 0;
    const caller = createCaller({ rateShare: 1000, now: () => performance.now() + passed });
    for (let call = 0; call < 3; call += 1) await caller.call('ListAccounts', 'event', () => Promise.resolve());
    await caller
      .call('DescribeAccount', 'event', () => Promise.reject(throttled()), AbortSignal.timeout(50))
      .catch(() => undefined);
    expect(caller.budget()).toEqual([
      { operation: 'DescribeAccount', allowedPerSecond: 20_000, usedLast60s: 1, throttledLast60s: 1, waiting: 0 },
      { operation: 'ListAccounts', allowedPerSecond: 8000, usedLast60s: 3, throttledLast60s: 0, waiting: 0 },
    ]);
    passed = 61_000;
    expect(caller.budget().map(({ usedLast60s, throttledLast60s }) => usedLast60s + throttledLast60s)).toEqual([0, 0]);
    expect(caller.counts()).toEqual({ DescribeAccount: 1, ListAccounts: 3 });
  });

  it('is not used for as long as AWS asked to wait', async () => {
    let tries = 0;
    const caller = createCaller({ rateShare: 1000, now: () => performance.now() });
    const begun = performance.now();
    const send = () => ((tries += 1) === 1 ? Promise.reject(throttled({ 'retry-after': '1' })) : Promise.resolve('read'));
    expect(await caller.call('ListAccounts', 'event', send)).toBe('read');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(1000);
  });
});
