import { setTimeout as delay } from 'node:timers/promises';
import type { Bus } from '@orgtrail/messaging';
import type { Discovery } from '@orgtrail/discovery';

export interface Settled {
  /** Requests that could not be read in several tries; 0 when everything was read. */
  stuck: number;
  lastError?: string;
}

/** Resolves when everything that was published so far stands in the graph. */
export async function waitUntilApplied(options: {
  discovery: Discovery;
  bus: Bus;
  pipeline: readonly { group: string; topic: string }[];
  signal: AbortSignal;
}): Promise<void> {
  await options.discovery.published();
  // In the order of the data's way: an empty first stage feeds no later one.
  for (const { group, topic } of options.pipeline) {
    while (((await options.bus.lag(group, [topic]))[topic] ?? 0n) > 0n) {
      options.signal.throwIfAborted();
      await delay(50);
    }
  }
}

/**
 * Resolves when nothing is left to be read: no part unread, no nomination open. Confirmations of events may still be waiting.
 * Gives up on parts that failed in several tries, and says so.
 */
export async function waitUntilRead(options: {
  discovery: Discovery;
  signal: AbortSignal;
  onProgress(open: number): void;
}): Promise<Settled> {
  for (;;) {
    options.signal.throwIfAborted();
    const { open, stuck, lastError } = await options.discovery.backlog();
    if (open - stuck <= 0) return { stuck, ...(lastError === undefined ? {} : { lastError }) };
    options.onProgress(open);
    await delay(100);
  }
}
