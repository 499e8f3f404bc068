import { beforeEach, describe, expect, it } from '@jest/globals';
import { createQueueHealth, type QueueHealth } from './queue-health.js';

let now: number;
let queue: QueueHealth;
beforeEach(() => {
  now = 0;
  queue = createQueueHealth(() => now);
});
const denied = new Error('denied');

describe('a queue', () => {
  it('tells how long ago it was last read, from the start', () => {
    now = 5_000;
    expect(queue.told()).toEqual({ readMsAgo: 5_000 });
    queue.onRead(undefined);
    now = 6_000;
    expect(queue.told()).toEqual({ readMsAgo: 1_000 });
  });

  it('that cannot be read says so after three failures, until it can', () => {
    queue.onRead(denied);
    queue.onRead(denied);
    expect(queue.told().failure).toBeUndefined();
    queue.onRead(denied);
    expect(queue.told().failure).toBe('denied');
    queue.onRead(undefined);
    expect(queue.told().failure).toBeUndefined();
  });

  it('whose messages cannot be taken in says so, however many empty reads succeed between them', () => {
    for (let delivery = 0; delivery < 3; delivery += 1) {
      queue.onTaken(denied);
      queue.onRead(denied);
      queue.onRead(undefined);
    }
    expect(queue.told().failure).toBe('denied');
    queue.onTaken(undefined);
    expect(queue.told().failure).toBeUndefined();
  });
});
