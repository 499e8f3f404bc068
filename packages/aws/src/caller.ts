import { setTimeout as delay } from 'node:timers/promises';
import { toAwsError, type AwsError } from './errors.js';
import { publishedRate } from './limits.js';
import { TokenBucket, type Priority } from './rate-limiter.js';

export interface CallReport {
  operation: string;
  outcome: 'ok' | 'throttled' | 'denied' | 'not-found' | 'failed';
  milliseconds: number;
}

export interface CallerOptions {
  /** Share of the published sustained rate. */
  rateShare: number;
  onCall?: ((call: CallReport) => void) | undefined;
  now(): number;
}

/** Makes every call of AWS: through its operation's bucket, counted, retried a bounded number of times when that can help. */
export interface Caller {
  /** Once `signal` is aborted it waits no more and sends nothing: it rejects with the signal's reason. */
  call<T>(operation: string, priority: Priority, send: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  counts(): Record<string, number>;
}

const attempts = 6;
const longestWaitMs = 8_000;

export function createCaller({ rateShare, onCall, now }: CallerOptions): Caller {
  const buckets = new Map<string, TokenBucket>();
  const counts = new Map<string, number>();
  const bucketOf = (operation: string): TokenBucket => {
    const known = buckets.get(operation);
    if (known) return known;
    const { rate, burst } = publishedRate(operation);
    const bucket = new TokenBucket({ rate: rate * rateShare, burst: Math.max(1, burst * Math.min(rateShare, 0.5)), now });
    buckets.set(operation, bucket);
    return bucket;
  };

  const attempt: Caller['call'] = async (operation, priority, send, signal) => {
    const bucket = bucketOf(operation);
    await bucket.take(priority, signal);
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    const begun = now();
    try {
      const answer = await send();
      onCall?.({ operation, outcome: 'ok', milliseconds: now() - begun });
      return answer;
    } catch (thrown) {
      const error = toAwsError(thrown, operation);
      if (error.kind === 'throttled') bucket.slowDown();
      onCall?.({ operation, outcome: outcomeOf(error), milliseconds: now() - begun });
      throw error;
    }
  };

  return {
    counts: () => Object.fromEntries([...counts].sort(([left], [right]) => left.localeCompare(right))),
    call: async (operation, priority, send, signal) => {
      for (let tried = 1; ; tried += 1) {
        try {
          return await attempt(operation, priority, send, signal);
        } catch (error) {
          const failure = error as AwsError;
          if (!failure.retriable || tried >= attempts || signal?.aborted) throw failure;
          // Full jitter: callers that failed together do not come back together.
          await delay(Math.random() * Math.min(longestWaitMs, 200 * 2 ** tried), undefined, signal ? { signal } : {});
        }
      }
    },
  };
}

export function outcomeOf({ kind }: AwsError): CallReport['outcome'] {
  return kind === 'throttled' || kind === 'denied' || kind === 'not-found' ? kind : 'failed';
}
