export const priorities = ['event', 'confirmation', 'sync', 'background'] as const;
export type Priority = (typeof priorities)[number];

export interface BucketSettings {
  /** Calls a second. */
  rate: number;
  burst: number;
  /** Milliseconds, monotonic. */
  now(): number;
}

/**
 * A token bucket whose waiting calls are served by priority, first come first served inside one. It begins empty: whoever takes over
 * from a crashed process must not add its burst to that one's.
 */
export class TokenBucket {
  readonly #settings: BucketSettings;
  readonly #waiting = new Map<Priority, (() => void)[]>(priorities.map((priority) => [priority, []]));
  #tokens = 0;
  #refilledAt: number;
  /** Below 1 for a while after AWS asked to slow down. */
  #share = 1;
  #throttledUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: BucketSettings) {
    this.#settings = settings;
    this.#refilledAt = settings.now();
  }

  /** Resolves when the call may be made. Rejects with the signal's reason when it is aborted first. */
  take(priority: Priority, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const queue = this.#waiting.get(priority) ?? [];
      const giveUp = (): void => {
        const place = queue.indexOf(serve);
        if (place >= 0) queue.splice(place, 1);
        if (!this.#isAwaited()) this.#rest();
        reject(signal?.reason as Error);
      };
      const serve = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      queue.push(serve);
      this.#serve();
    });
  }

  /** AWS asked to slow down: half the rate for a while, and no burst. */
  slowDown(): void {
    this.#refill();
    this.#tokens = 0;
    this.#share = Math.max(this.#share / 2, 1 / 16);
    this.#throttledUntil = this.#settings.now() + 10_000;
  }

  #refill(): void {
    const now = this.#settings.now();
    if (this.#share < 1 && now >= this.#throttledUntil) {
      this.#share = Math.min(1, this.#share * 2);
      this.#throttledUntil = now + 5_000;
    }
    const earned = ((now - this.#refilledAt) / 1000) * this.#settings.rate * this.#share;
    this.#tokens = Math.min(this.#settings.burst, this.#tokens + earned);
    this.#refilledAt = now;
  }

  #serve(): void {
    this.#refill();
    for (const queue of this.#waiting.values()) {
      while (queue.length > 0 && this.#tokens >= 1) {
        this.#tokens -= 1;
        queue.shift()?.();
      }
      if (queue.length > 0) break;
    }
    if (this.#timer === undefined && this.#isAwaited()) {
      const wait = ((1 - this.#tokens) / (this.#settings.rate * this.#share)) * 1000;
      this.#timer = setTimeout(
        () => {
          this.#timer = undefined;
          this.#serve();
        },
        Math.max(1, Math.ceil(wait)),
      );
    }
  }

  #isAwaited(): boolean {
    return [...this.#waiting.values()].some((queue) => queue.length > 0);
  }

  /** A timer that nobody waits for would keep the process alive. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
