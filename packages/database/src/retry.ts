import { setTimeout as delay } from 'node:timers/promises';
import { isTransient } from './errors.js';

export interface RetrySettings {
  /** How often the work is tried in all. Default 5. */
  attempts?: number;
  /** Longest first pause; it doubles with each attempt, up to 5 s. Default 100 ms. */
  firstPauseMs?: number;
  /** Ends the waiting: the last error is thrown at once. */
  signal?: AbortSignal | undefined;
  /** Told before each pause. `attempt` is the one that failed, from 1. */
  onRetry?: (error: unknown, attempt: number) => void;
  random?: () => number;
}

const longestPauseMs = 5_000;

/** Tries again what failed for a transient reason (`isTransient`). Any other error, and the last one, is thrown unchanged. */
export async function retryTransient<T>(work: () => Promise<T>, settings: RetrySettings = {}): Promise<T> {
  const { attempts = 5, firstPauseMs = 100, signal, onRetry, random = Math.random } = settings;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || signal?.aborted === true || !isTransient(error)) throw error;
      onRetry?.(error, attempt);
      // Full jitter: those who failed together must not come back together.
      const pauseMs = random() * Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
      try {
        await delay(pauseMs, undefined, signal === undefined ? {} : { signal });
      } catch {
        throw error;
      }
    }
  }
}
