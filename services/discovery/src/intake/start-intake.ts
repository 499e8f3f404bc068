import { startLoop, type Loop } from '../loop.js';
import { receiveOnce, type QueueIntakeOptions } from './queue-intake.js';

export interface IntakeOptions extends Omit<QueueIntakeOptions, 'signal'> {
  /** Told when the queue cannot be read any more, with why, and when it can again, with undefined. */
  onQueue?(failure: unknown): void;
}

/** One failure is no news: networks have them. */
const failuresUntilTold = 3;

/** Takes in what the integration's queue holds, for as long as it runs. */
export function startIntake({ onQueue, ...options }: IntakeOptions): Loop {
  let failedReceives = 0;
  return startLoop({
    name: 'intake',
    round: async (signal) => {
      await receiveOnce({ ...options, signal });
      // A long poll is the rest.
      return 1;
    },
    restMs: 0,
    logger: options.logger,
    onOutcome: (error) => {
      if (error === undefined && failedReceives >= failuresUntilTold) onQueue?.(undefined);
      failedReceives = error === undefined ? 0 : failedReceives + 1;
      if (failedReceives === failuresUntilTold) onQueue?.(error);
    },
  });
}
