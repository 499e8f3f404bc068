import type { SimulatedClock } from './clock.js';

interface Task {
  dueAt: number;
  work: () => void;
  /** What only life itself waits for, such as an invitation's end: `settled` does not. */
  distant: boolean;
}

/** Node fires at once what is asked for later than this. */
const longestTimeoutMs = 2 ** 31 - 1;

/** Work that the simulated AWS does later, in the order of its times; all of it cancelled on close. */
export class Timers {
  readonly #clock: SimulatedClock;
  /** The next one last. */
  #tasks: Task[] = [];
  #alarm: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];
  #isAdvancing = false;
  /** Tasks that are not distant. */
  #outstanding = 0;

  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }

  /** Runs the work after so many milliseconds; at 0 at once, before `later` returns. */
  later(ms: number, work: () => void): void {
    if (ms <= 0) work();
    else this.#add({ dueAt: this.#clock.now() + ms, work, distant: false });
  }

  /** Runs the work at that moment, or very soon if it is over. Nobody waits for it: it may be months away. */
  at(moment: number, work: () => void): void {
    this.#add({ dueAt: moment, work, distant: true });
  }

  /** Work under way that comes from outside, such as an answer: `settled` waits for it too. */
  async during(work: Promise<void>): Promise<void> {
    this.#outstanding += 1;
    try {
      await work;
    } finally {
      this.#outstanding -= 1;
      this.#wake();
    }
  }

  /** Sets the clock forward, and does meanwhile what falls due, each at its own time. */
  advance(ms: number): void {
    const end = this.#clock.now() + ms;
    this.#isAdvancing = true;
    try {
      for (let next = this.#tasks.at(-1); next !== undefined && next.dueAt <= end; next = this.#tasks.at(-1)) {
        this.#clock.setForwardTo(next.dueAt);
        this.#runNext();
      }
      this.#clock.setForwardTo(end);
    } finally {
      this.#isAdvancing = false;
      this.#rearm();
    }
  }

  /** Resolves when nothing is outstanding, work begun meanwhile included; distant work apart. */
  settled(): Promise<void> {
    if (this.#outstanding === 0) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#tasks = [];
    this.#outstanding = 0;
    this.#rearm();
    this.#wake();
  }

  #add(task: Task): void {
    // Behind those that are due later or at the same moment: of equals the first to be asked for is the first to run.
    let from = 0;
    let to = this.#tasks.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#tasks[middle]?.dueAt ?? 0) > task.dueAt) from = middle + 1;
      else to = middle;
    }
    this.#tasks.splice(from, 0, task);
    if (!task.distant) this.#outstanding += 1;
    if (this.#tasks.at(-1) === task) this.#rearm();
  }

  #runDue(): void {
    for (let next = this.#tasks.at(-1); next !== undefined && next.dueAt <= this.#clock.now(); next = this.#tasks.at(-1)) {
      this.#runNext();
    }
    this.#rearm();
  }

  #runNext(): void {
    const task = this.#tasks.pop();
    try {
      task?.work();
    } finally {
      // Only now: what it asks for itself is outstanding before it is done.
      if (task?.distant === false) this.#outstanding -= 1;
      this.#wake();
    }
  }

  #rearm(): void {
    if (this.#isAdvancing) return;
    clearTimeout(this.#alarm);
    this.#alarm = undefined;
    const next = this.#tasks.at(-1);
    if (next === undefined) return;
    const ms = Math.ceil(next.dueAt - this.#clock.now());
    this.#alarm = setTimeout(() => this.#runDue(), Math.min(Math.max(ms, 1), longestTimeoutMs));
    // What is months away keeps no process alive.
    if (this.#outstanding === 0) this.#alarm.unref();
  }

  #wake(): void {
    if (this.#outstanding > 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
