import { createSlowdown, type Slowdown } from './slowdown.js';
import { createWaitingLine, type Priority, type WaitingLine } from './waiting-line.js';

export interface BucketSettings {
  /** Calls a second. */
  rate: number;
  /** Calls that may be saved up. */
  burst: number;
  /** Calls that were let through and have not ended. Default: any number. */
  mostUnderWay?: number;
  /** Milliseconds, monotonic. */
  now(): number;
}

/**
 * The window in which `rate` is kept, bursts included. A little longer than ten seconds, since calls that leave evenly do not arrive
 * evenly: whoever counts at AWS sees no more in any ten seconds.
 */
const windowSeconds = 10;
const windowMs = windowSeconds * 1000 + 200;

/**
 * A token bucket whose waiting calls are served by priority, first come first served inside one; a tenth is kept for what is less
 * urgent. It begins empty: whoever takes over from a crashed process must not add its burst to that one's.
 */
export class TokenBucket {
  readonly #settings: BucketSettings;
  readonly #line: WaitingLine = createWaitingLine();
  readonly #slowdown: Slowdown;
  /** When the newest calls were let through, as many as the window allows. */
  readonly #served: number[] = [];
  #tokens = 0;
  #underWay = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(settings: BucketSettings) {
    this.#settings = settings;
    this.#slowdown = createSlowdown(settings.now());
  }

  /**
   * Resolves when the call may be made, with what to call when it has ended. Rejects with the signal's reason when it is aborted first.
   */
  take(priority: Priority, signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const leave = this.#line.join(priority, () => {
        signal?.removeEventListener('abort', giveUp);
        resolve(() => {
          this.#underWay -= 1;
          this.#serve();
        });
      });
      const giveUp = (): void => {
        leave();
        if (this.#line.length() === 0) this.#rest();
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#serve();
    });
  }

  /** AWS asked to slow down: half the rate for a while, and no burst; nothing at all for as long as AWS said. */
  slowDown(retryAfterMs = 0): void {
    this.#refill();
    this.#tokens = 0;
    this.#slowdown.slowDown(this.#settings.now(), retryAfterMs);
  }

  /** Calls that wait for their turn. */
  waiting(): number {
    return this.#line.length();
  }

  #refill(): void {
    const seconds = this.#slowdown.earn(this.#settings.now());
    this.#tokens = Math.min(this.#settings.burst, this.#tokens + seconds * this.#settings.rate);
  }

  #serve(): void {
    this.#refill();
    while (this.#line.length() > 0 && this.#hasRoom() && this.#waitMs() <= 0) {
      this.#tokens -= 1;
      this.#underWay += 1;
      this.#served.push(this.#settings.now());
      this.#line.next()?.();
    }
    // Where there is no room, the next call that ends serves.
    if (this.#timer === undefined && this.#line.length() > 0 && this.#hasRoom()) {
      this.#timer = setTimeout(
        () => {
          this.#timer = undefined;
          this.#serve();
        },
        Math.max(1, Math.ceil(this.#waitMs())),
      );
    }
  }

  /** What was let through may still wait for a socket or a proxy: then only so many leave together. */
  #hasRoom(): boolean {
    return this.#underWay < (this.#settings.mostUnderWay ?? Infinity);
  }

  /** Until the next call may leave: by the tokens, by the window, and by what AWS said. */
  #waitMs(): number {
    const now = this.#settings.now();
    const { rate } = this.#settings;
    const byTokens = this.#tokens >= 1 ? 0 : ((1 - this.#tokens) / (rate * this.#slowdown.share())) * 1000;
    return Math.max(byTokens, this.#windowOpensAt() - now, this.#slowdown.pausedUntil() - now);
  }

  #windowOpensAt(): number {
    const most = Math.max(1, Math.floor(this.#settings.rate * windowSeconds));
    this.#served.splice(0, this.#served.length - most);
    return this.#served.length < most ? 0 : (this.#served[0] ?? 0) + windowMs;
  }

  /** A timer that nobody waits for would keep the process alive. */
  #rest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
