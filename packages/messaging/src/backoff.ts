import { setTimeout as delay } from 'node:timers/promises';

export interface Backoff {
  /** The next pause in milliseconds: doubling with jitter, up to the longest. */
  nextMs(): number;
  /** How often `nextMs` was asked since the last success. */
  readonly attempts: number;
  /** After a success the next failure waits the first pause again. */
  reset(): void;
}

/** Full jitter would allow a pause of almost nothing, over and over; half of each pause is fixed. */
export function createBackoff({ firstMs = 100, longestMs = 5_000, random = Math.random } = {}): Backoff {
  let attempts = 0;
  return {
    nextMs: () => {
      const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempts, 30));
      attempts += 1;
      return Math.round(ceiling * (0.5 + random() / 2));
    },
    get attempts() {
      return attempts;
    },
    reset: () => {
      attempts = 0;
    },
  };
}

/** How loudly a failed attempt is said: what lasts for days must not fill the log. */
export const levelOf = (attempt: number): 'warn' | 'debug' => (Number.isInteger(Math.log2(attempt)) ? 'warn' : 'debug');

/** Resolves after `ms`, or at once when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}
