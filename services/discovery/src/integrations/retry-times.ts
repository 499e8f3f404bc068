import type { StoredIntegration } from './integration.js';

type Tried = Pick<StoredIntegration, 'id' | 'settingsVersion'>;

/** When integrations that could not be watched are tried again: later each time, and at once with other settings. */
export interface RetryTimes {
  isDue(integration: Tried): boolean;
  failed(integration: Tried): void;
  forget(id: string): void;
}

const firstRetryMs = 4_000;
const longestRetryMs = 60_000;

/** `now`: milliseconds, monotonic. */
export function createRetryTimes(now: () => number = () => performance.now()): RetryTimes {
  const retries = new Map<string, { at: number; failures: number; settingsVersion: string }>();
  return {
    isDue: ({ id, settingsVersion }) => {
      const retry = retries.get(id);
      return retry?.settingsVersion !== settingsVersion || now() >= retry.at;
    },
    failed: ({ id, settingsVersion }) => {
      const failures = (retries.get(id)?.failures ?? 0) + 1;
      const waitMs = Math.min(firstRetryMs * 2 ** Math.min(failures - 1, 10), longestRetryMs);
      retries.set(id, { at: now() + waitMs, failures, settingsVersion });
    },
    forget: (id) => {
      retries.delete(id);
    },
  };
}
