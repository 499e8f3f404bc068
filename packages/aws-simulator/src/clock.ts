/** The time that the simulated organization lives in: as fast as the system's, and set forward by hand. */
export class SimulatedClock {
  readonly #system: () => number;
  #offsetMs: number;

  /** `behindMs`: how far behind the system's clock it starts. */
  constructor(system: () => number, behindMs = 0) {
    this.#system = system;
    this.#offsetMs = -behindMs;
  }

  /** Epoch milliseconds. */
  readonly now = (): number => this.#system() + this.#offsetMs;

  /** Never back. */
  setForwardTo(moment: number): void {
    this.#offsetMs += Math.max(0, moment - this.now());
  }
}
