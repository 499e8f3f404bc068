import { afterEach, describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { silent } from '../contract/connect.js';
import { stopIdleTimers } from './stop-idle-timers.js';

interface Queue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: unknown;
  scheduleCheckPendingRequests: () => void;
  destroy: () => void;
}
type QueueClass = { new (options: object): Queue; prototype: Queue };

describe('the idle timers of kafkajs', () => {
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as QueueClass;
  const logger = { debug: () => undefined, warn: () => undefined };
  let queue: Queue;
  const schedule = (state: Partial<Queue>): boolean => {
    queue = Object.assign(new RequestQueue({ logger }), state);
    queue.scheduleCheckPendingRequests();
    return queue.throttleCheckTimeoutId !== null;
  };
  afterEach(() => queue.destroy());

  it('do not run for an empty queue, and run for a waiting or a throttled one', () => {
    const asItComes = RequestQueue.prototype.scheduleCheckPendingRequests;
    stopIdleTimers(silent);
    stopIdleTimers(silent);
    expect(RequestQueue.prototype.scheduleCheckPendingRequests).not.toBe(asItComes);
    expect(schedule({})).toBe(false);
    expect(schedule({ pending: [{}] })).toBe(true);
    queue.destroy();
    expect(schedule({ throttledUntil: Date.now() + 60_000 })).toBe(true);
  });
});
