import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@orgtrail/service-runtime';
import { holdLease, type SyncLease } from './sync-lease.js';

let lease: SyncLease;
/** Each renewal moves the clock by a third of the lease. */
const hold = (renew: () => Promise<boolean>): Promise<void> => {
  let now = 0;
  lease = holdLease({
    renew,
    seconds: 12,
    renewalMs: 5,
    now: () => now,
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  const clock = setInterval(() => (now += 4_000), 20);
  const stop = (): void => clearInterval(clock);
  lease.lost.addEventListener('abort', stop);
  return delay(150).then(stop);
};
afterEach(() => lease.end());
const reason = () => (lease.lost.reason as Error | undefined)?.message;

describe('the lease of a sync', () => {
  it('lasts while it is renewed', async () => {
    await hold(() => Promise.resolve(true));
    expect(lease.lost.aborted).toBe(false);
  });

  it('is lost when somebody else has it', async () => {
    await hold(() => Promise.resolve(false));
    expect(reason()).toBe('Another process has taken this sync over.');
  });

  it.each([
    ['hang', () => new Promise<boolean>(() => undefined)],
    ['fail', () => Promise.reject(new Error('the database is away'))],
  ])('is lost by our own clock when renewals %s', async (_, renew) => {
    await hold(renew);
    expect(reason()).toBe('The lease of this sync ran out without being renewed.');
  });
});
