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
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly timers: Timers;
  readonly events: EventOutput;
}
