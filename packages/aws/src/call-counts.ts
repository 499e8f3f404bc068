/** Attempts of one operation, over the last minute and in all. Memory does not grow with the calls. */
export class CallCounts {
  total = 0;
  readonly #seconds = new Float64Array(60);
  #newest = -Infinity;

  count(now: number): void {
    this.total += 1;
    const second = this.#forget(now);
    this.#seconds[second % 60] = (this.#seconds[second % 60] ?? 0) + 1;
  }

  lastMinute(now: number): number {
    this.#forget(now);
    return this.#seconds.reduce((sum, count) => sum + count, 0);
  }

  /** Empties the seconds that have passed since; returns the current one. */
  #forget(now: number): number {
    const second = Math.max(0, Math.floor(now / 1000));
    for (let passed = Math.max(this.#newest + 1, second - 59); passed <= second; passed += 1) this.#seconds[passed % 60] = 0;
    this.#newest = Math.max(this.#newest, second);
    return second;
  }
}
