/** Work that the simulated AWS does later, all of it cancelled on close. */
export class Timers {
  readonly #pending = new Set<NodeJS.Timeout>();
  #waiting: (() => void)[] = [];

  /** Runs the work after so many milliseconds; at 0 at once, before `later` returns. */
  later(ms: number, work: () => void): void {
    if (ms <= 0) {
      work();
      return;
    }
    const timer = setTimeout(() => {
      try {
        work();
      } finally {
        this.#pending.delete(timer);
        this.#wake();
      }
    }, ms);
    this.#pending.add(timer);
  }

  /** Resolves when nothing is outstanding, work begun meanwhile included. */
  settled(): Promise<void> {
    if (this.#pending.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
    this.#wake();
  }

  #wake(): void {
    if (this.#pending.size > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
