import { messageOf } from '../refresh/optional-read.js';

/** What is told of a queue that is read here. */
export interface ToldQueue {
  /** Since it was last read, with whatever was in it. */
  readMsAgo: number;
  /** Why its events are not taken in; absent while they are. */
  failure?: string;
}

/** How it goes with the queue: told by those who read it, asked by the proof. */
export interface QueueHealth {
  /** A read ended, and how: what was in it, if anything, was taken in and deleted. */
  onRead(failure: unknown): void;
  /** Messages were in hand, and were taken in or not. */
  onTaken(failure: unknown): void;
  told(): ToldQueue;
}

/** One failure is no news: networks have them. */
const failuresUntilTold = 3;

/** `now` in milliseconds, monotonic. */
export function createQueueHealth(now: () => number = () => performance.now()): QueueHealth {
  let readAt = now();
  // Apart: while nothing can be taken in, reads between the redeliveries find nothing, and succeed.
  let reads = { failures: 0, last: '' };
  let takings = { failures: 0, last: '' };
  const after = (before: typeof reads, failure: unknown): typeof reads =>
    failure === undefined ? { failures: 0, last: '' } : { failures: before.failures + 1, last: messageOf(failure) };
  return {
    onRead: (failure) => {
      if (failure === undefined) readAt = now();
      reads = after(reads, failure);
    },
    onTaken: (failure) => {
      takings = after(takings, failure);
    },
    told: () => {
      const failing = [reads, takings].find(({ failures }) => failures >= failuresUntilTold);
      return { readMsAgo: now() - readAt, ...(failing ? { failure: failing.last } : {}) };
    },
  };
}
