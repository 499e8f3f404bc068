import { exitCodeOf, exitCodes } from './errors.js';
import type { Logger } from './logger.js';

/** Why and how a run ends. The first reason is the one; what goes wrong afterwards can only make a good exit code bad. */
export class Ending {
  readonly #logger: Logger;
  readonly #onFailure: ((error: unknown) => void) | undefined;
  readonly #controller = new AbortController();
  #reason: string | undefined;
  #exitCode: number = exitCodes.ok;
  readonly begun: Promise<void>;

  constructor(logger: Logger, onFailure?: (error: unknown) => void) {
    this.#logger = logger;
    this.#onFailure = onFailure;
    this.begun = new Promise((resolve) => this.signal.addEventListener('abort', () => resolve()));
  }

  /** Aborted when the run is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get hasBegun(): boolean {
    return this.signal.aborted;
  }

  get reason(): string {
    return this.#reason ?? 'none';
  }

  get exitCode(): number {
    return this.#exitCode;
  }

  begin(reason: string, exitCode: number = exitCodes.ok): void {
    this.#reason ??= reason;
    if (this.#exitCode === exitCodes.ok) this.#exitCode = exitCode;
    this.#controller.abort();
  }

  fail(reason: string, error: unknown, fields: object = {}): void {
    this.#logger.error({ ...fields, err: error }, reason);
    if (!this.hasBegun) this.#onFailure?.(error);
    this.begin(reason, exitCodeOf(error));
  }
}
