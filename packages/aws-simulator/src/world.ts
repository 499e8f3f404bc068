import type { Behaviours } from './behaviours.js';
import type { EventOutput } from './events/event-output.js';
import type { OrganizationStore } from './model/store.js';
import type { Random } from './random.js';
import type { Timers } from './timers.js';

/** Everything an operation may use. */
export interface World {
  readonly store: OrganizationStore;
  readonly behaviours: () => Behaviours;
  readonly random: Random;
  /** The simulated time, epoch milliseconds. */
  readonly now: () => number;
  /** What sessions, token buckets and waits of clients go by, who do not live in the simulated time. */
  readonly systemNow: () => number;
  readonly timers: Timers;
  readonly events: EventOutput;
}
