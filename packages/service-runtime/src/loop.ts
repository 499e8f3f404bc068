import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from './logger.js';

export interface LoopOptions {
  /** For logs: what the loop does. */
  name: string;
  /** One round. Returns how much was done; after 0 the loop rests until it is woken or `restMs` passed. */
  round(signal: AbortSignal): Promise<number>;
  restMs: number;
  logger: Logger;
  /** Told about each failed and each good round, for readiness. */
  onOutcome?(error: unknown): void;
}

export interface Loop {
  /** Ends a rest at once. */
  wake(): void;
  /** Lets the round in hand end, then resolves. */
  stop(): Promise<void>;
}

const longestBackoffMs = 15_000;

/** Repeats rounds until stopped. A round that fails is repeated after a growing wait: its work is durable, so nothing is lost. */
export function startLoop({ name, round, restMs, logger, onOutcome }: LoopOptions): Loop {
  const stopping = new AbortController();
  let resting = new AbortController();
  let woken = false;
  let failures = 0;

  const rest = async (milliseconds: number) => {
    if (woken || stopping.signal.aborted) return;
    resting = new AbortController();
    await delay(milliseconds, undefined, { signal: AbortSignal.any([resting.signal, stopping.signal]) }).catch(() => undefined);
  };
  const isStopping = () => stopping.signal.aborted;
  const run = async () => {
    while (!isStopping()) {
      woken = false;
      try {
        const done = await round(stopping.signal);
        if (failures > 0) logger.info({ loop: name, failures }, 'Recovered');
        failures = 0;
        onOutcome?.(undefined);
        if (done === 0) await rest(restMs);
      } catch (error) {
        // A round that was interrupted by the stop has not failed.
        if (isStopping()) break;
        failures += 1;
        onOutcome?.(error);
        logger.warn({ loop: name, failures, err: error }, 'A round failed and will be repeated');
        await rest(Math.min(250 * 2 ** Math.min(failures, 10), longestBackoffMs));
      }
    }
  };
  const ended = run();
  return {
    wake: () => {
      woken = true;
      resting.abort();
    },
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}
