import { constants } from 'node:os';
import type { Ending } from './ending.js';
import type { Logger } from './logger.js';

const endAtOnce = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal]);

/**
 * Until a service listens, a signal ends the process. That is the default, but not for PID 1 of a container: the kernel drops every
 * signal that it does not handle, and a pod that still waits for its database would be killed only after the grace period.
 */
export function endAtOnceOnSignals(): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, endAtOnce);
}

/** Lets signals and unhandled errors of the process begin the ending. Returns how to take the listeners away again. */
export function listenToProcess(ending: Ending, logger: Logger, signals: readonly NodeJS.Signals[]): () => void {
  let signalled = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signalled) {
      logger.warn({ signal }, 'second signal, exiting at once');
      process.exit(128 + constants.signals[signal]);
    }
    signalled = true;
    ending.begin(signal);
  };
  const onRejection = (error: unknown): void => ending.fail('unhandled rejection', error);
  const onException = (error: unknown): void => ending.fail('uncaught exception', error);
  const displaced = signals.filter((signal) => process.listeners(signal).includes(endAtOnce));
  for (const signal of displaced) process.off(signal, endAtOnce);
  for (const signal of signals) process.on(signal, onSignal);
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
    for (const signal of displaced) process.on(signal, endAtOnce);
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  };
}
