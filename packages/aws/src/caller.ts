import { setTimeout as delay } from 'node:timers/promises';
import { CallCounts } from './call-counts.js';
import { toAwsError, type AwsError } from './errors.js';
import { allowedPerSecond, publishedRate } from './limits.js';
import { TokenBucket } from './rate-limiter.js';
import { untilAborted } from './until-aborted.js';
import type { Priority } from './waiting-line.js';

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
  /**
   * The same caller for those who need something before they send: a session. They wait for it before their turn and not in it, or all who
   * waited would leave together.
   */
  after(prepare: () => Promise<unknown>): Caller;
  counts(): Record<string, number>;
  budget(): OperationBudget[];
}

/** What one operation used of what it may use. */
export interface OperationBudget {
  operation: string;
  /** Our share of the published rate. */
  allowedPerSecond: number;
  usedLast60s: number;
  throttledLast60s: number;
  /** Calls that wait for their turn. */
  waiting: number;
}

interface Metered {
  bucket: TokenBucket;
  used: CallCounts;
  throttled: CallCounts;
}

const attempts = 6;
const longestWaitMs = 8_000;

export function createCaller({ rateShare, onCall, now }: CallerOptions): Caller {
  const operations = new Map<string, Metered>();
  const metered = (operation: string): Metered => {
    const known = operations.get(operation);
    if (known) return known;
    const rate = allowedPerSecond(operation, rateShare);
    const burst = Math.max(1, publishedRate(operation).burst * Math.min(rateShare, 0.5));
    // Answers that take longer than a second on average make it slower than its rate, and never faster.
    const mostUnderWay = Math.ceil(Math.max(rate, burst));
    const bucket = new TokenBucket({ rate, burst, mostUnderWay, now });
    const made = { bucket, used: new CallCounts(), throttled: new CallCounts() };
    operations.set(operation, made);
    return made;
  };

  type Prepare = () => Promise<unknown>;
  const prepared = async (operation: string, prepare: Prepare, signal: AbortSignal | undefined): Promise<void> => {
    const begun = now();
    try {
      await untilAborted(prepare(), signal);
    } catch (thrown) {
      signal?.throwIfAborted();
      const error = toAwsError(thrown, operation);
      onCall?.({ operation: error.operation, outcome: outcomeOf(error), milliseconds: now() - begun });
      throw error;
    }
  };
  const attempt = async <T>(
    {
      operation,
      priority,
      send,
      signal,
    }: { operation: string; priority: Priority; send: () => Promise<T>; signal?: AbortSignal | undefined },
    prepare: Prepare | undefined,
  ): Promise<T> => {
    const { bucket, used, throttled } = metered(operation);
    signal?.throwIfAborted();
    if (prepare) await prepared(operation, prepare, signal);
    const ended = await bucket.take(priority, signal);
    used.count(now());
    const begun = now();
    try {
      const answer = await send();
      onCall?.({ operation, outcome: 'ok', milliseconds: now() - begun });
      return answer;
    } catch (thrown) {
      const error = toAwsError(thrown, operation);
      if (error.kind === 'throttled') {
        throttled.count(now());
        bucket.slowDown(error.retryAfterMs);
      }
      onCall?.({ operation, outcome: outcomeOf(error), milliseconds: now() - begun });
      throw error;
    } finally {
      ended();
    }
  };
  const sorted = () => [...operations].sort(([left], [right]) => left.localeCompare(right));

  const callAfter =
    (prepare: Prepare | undefined): Caller['call'] =>
    async (operation, priority, send, signal) => {
      for (let tried = 1; ; tried += 1) {
        try {
          return await attempt({ operation, priority, send, signal }, prepare);
        } catch (error) {
          const failure = error as AwsError;
          if (!failure.retriable || tried >= attempts || signal?.aborted) throw failure;
          // Full jitter: callers that failed together do not come back together.
          const jitter = Math.random() * Math.min(longestWaitMs, 200 * 2 ** tried);
          await delay(jitter, undefined, signal ? { signal } : {});
        }
      }
    };

  const caller: Caller = {
    call: callAfter(undefined),
    after: (prepare) => ({ ...caller, call: callAfter(prepare) }),
    counts: () =>
      Object.fromEntries(sorted().flatMap(([operation, { used }]) => (used.total === 0 ? [] : [[operation, used.total]]))),
    budget: () =>
      sorted().map(([operation, { bucket, used, throttled }]) => ({
        operation,
        allowedPerSecond: allowedPerSecond(operation, rateShare),
        usedLast60s: used.lastMinute(now()),
        throttledLast60s: throttled.lastMinute(now()),
        waiting: bucket.waiting(),
      })),
  };
  return caller;
}

export function outcomeOf({ kind }: AwsError): CallReport['outcome'] {
  return kind === 'throttled' || kind === 'denied' || kind === 'not-found' ? kind : 'failed';
}
