import { createRequire } from 'node:module';
import type { BusLogger } from '../port.js';

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  scheduleCheckPendingRequests: (this: RequestQueue) => void;
}

const patched = new WeakSet();

/**
 * kafkajs 2.2.4 checks an empty request queue again every millisecond, for ever, on each connection (tulios/kafkajs issues 1704 and
 * 1751): 4 % of a core while idle, and Node 24 warns about the negative delay. An empty queue that is not throttled needs no check:
 * every later request checks by itself. When the internals look different from those of 2.2.4, nothing is touched.
 */
export function stopIdleTimers(logger: BusLogger): void {
  const queue = findRequestQueue();
  if (!queue) {
    logger.warn({ client: 'kafkajs' }, 'kafkajs looks different from 2.2.4: its idle timers are left alone');
    return;
  }
  if (patched.has(queue)) return;
  patched.add(queue);
  const schedule = queue.scheduleCheckPendingRequests;
  queue.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length === 0 && this.throttledUntil <= Date.now()) return;
    schedule.call(this);
  };
}

function findRequestQueue(): RequestQueue | undefined {
  try {
    const required: unknown = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
    if (typeof required !== 'function') return undefined;
    const prototype = required.prototype as RequestQueue;
    if (patched.has(prototype)) return prototype;
    const body = Function.prototype.toString.call(prototype.scheduleCheckPendingRequests);
    return ['this.pending.length', 'this.throttledUntil', 'this.throttleCheckTimeoutId'].every((used) => body.includes(used))
      ? prototype
      : undefined;
  } catch {
    return undefined;
  }
}
