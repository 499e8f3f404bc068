import { constants } from 'node:os';
import type { Ending } from './ending.js';
import type { Logger } from './logger.js';

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
  for (const signal of signals) process.on(signal, onSignal);
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  };
}
