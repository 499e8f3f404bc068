import { startLoop, type Loop } from '@orgtrail/service-runtime';
import { createRefreshWorker, type RefreshWorkerOptions } from './refresh-worker.js';

/** Reads what is due for as long as it is not stopped; stopping lets what is under way be merged. */
export function startRefreshes(options: Omit<RefreshWorkerOptions, 'onRoom'>): Loop {
  const worker = createRefreshWorker({ ...options, onRoom: () => loop.wake() });
  const loop = startLoop({ name: 'refresh', round: () => worker.round(), restMs: 500, logger: options.logger });
  return {
    wake: () => loop.wake(),
    stop: async () => {
      // At once what waits for its turn, and after the last round what that still began.
      const ended = worker.stop();
      await loop.stop();
      await Promise.all([ended, worker.stop()]);
    },
  };
}
