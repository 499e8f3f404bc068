import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createCaller, type CallReport } from './caller.js';
import { AwsError } from './errors.js';

const throttled = (headers: Record<string, string> = {}) =>
  Object.assign(new Error('Rate exceeded'), { name: 'TooManyRequestsException', $response: { statusCode: 400, headers } });

describe('the budget of an operation', () => {
  it('tells what may be used, what was used and what was throttled in the last minute', async () => {
    let passed = 0;
    const caller = createCaller({ rateShare: 1000, now: () => performance.now() + passed });
    for (let call = 0; call < 3; call += 1) await caller.call('ListAccounts', 'event', () => Promise.resolve());
    const once = new AbortController();
    const refuse = () => {
      once.abort();
      return Promise.reject(throttled());
    };
    await caller.call('DescribeAccount', 'event', refuse, once.signal).catch(() => undefined);
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

describe('calls that need a session first', () => {
  it('wait for it before their turn, so that they do not leave together when it comes', async () => {
    const caller = createCaller({ rateShare: 0.5, now: () => performance.now() });
    const session = Promise.withResolvers<undefined>();
    const left: number[] = [];
    const reads = Array.from({ length: 4 }, () =>
      caller.after(() => session.promise).call('DescribeAccount', 'event', async () => void left.push(performance.now())),
    );
    // Long enough to save up turns for all of them.
    await delay(600);
    expect(caller.budget().map(({ usedLast60s, waiting }) => [usedLast60s, waiting])).toEqual([[0, 0]]);
    session.resolve(undefined);
    await Promise.all(reads);
    expect(caller.counts()).toEqual({ DescribeAccount: 4 });
  });

  it('are told as calls of what refused it, and are not sent', async () => {
    const calls: CallReport[] = [];
    const caller = createCaller({ rateShare: 0.5, now: () => performance.now(), onCall: (call) => calls.push(call) });
    const refusal = new AwsError('AssumeRole was refused.', { kind: 'denied', operation: 'AssumeRole' });
    const read = caller.after(() => Promise.reject(refusal)).call('ListRoots', 'event', () => Promise.resolve());
    await expect(read).rejects.toBe(refusal);
    expect(calls).toMatchObject([{ operation: 'AssumeRole', outcome: 'denied' }]);
    expect(caller.counts()).toEqual({});
  });

  it('give up with their signal while it does not come', async () => {
    const caller = createCaller({ rateShare: 0.5, now: () => performance.now() });
    const giving = new AbortController();
    const read = caller
      .after(() => new Promise(() => undefined))
      .call('ListRoots', 'event', () => Promise.resolve(), giving.signal);
    giving.abort(new Error('no longer needed'));
    await expect(read).rejects.toThrow('no longer needed');
  });
});
