import { setTimeout as delay } from 'node:timers/promises';
import { outcomeOf, type CallReport } from './caller.js';
import { toAwsError } from './errors.js';

/** Calls of a verification. No buckets: quotas count at each member's own account, and verifications begin at a bounded rate. */
export interface RoleCalls {
  /** Tries a few times where that can help. Rejects with an `AwsError`, or with the signal's reason. */
  call<T>(operation: string, send: (abortSignal: AbortSignal | undefined) => Promise<T>, signal?: AbortSignal): Promise<T>;
  counts(): Record<string, number>;
}

const attempts = 4;

export function createRoleCalls({
  onCall,
  now,
}: {
  onCall?: ((call: CallReport) => void) | undefined;
  now(): number;
}): RoleCalls {
  const counts = new Map<string, number>();
  return {
    counts: () => Object.fromEntries(counts),
    call: async (operation, send, signal) => {
      for (let tried = 1; ; tried += 1) {
        signal?.throwIfAborted();
        counts.set(operation, (counts.get(operation) ?? 0) + 1);
        const begun = now();
        try {
          const answer = await send(signal);
          onCall?.({ operation, outcome: 'ok', milliseconds: now() - begun });
          return answer;
        } catch (thrown) {
          signal?.throwIfAborted();
          const error = toAwsError(thrown, operation);
          onCall?.({ operation, outcome: outcomeOf(error), milliseconds: now() - begun });
          if (!error.retriable || tried >= attempts) throw error;
        }
        // Full jitter: members that failed together do not come back together.
        await delay(Math.random() * 200 * 2 ** tried, undefined, { ...(signal ? { signal } : {}) }).catch((error: unknown) => {
          signal?.throwIfAborted();
          throw error;
        });
      }
    },
  };
}
