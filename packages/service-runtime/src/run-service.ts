import { setTimeout as delay } from 'node:timers/promises';
import type { Component, Phase } from './component.js';
import { Ending } from './ending.js';
import { exitCodes } from './errors.js';
import type { Logger } from './logger.js';
import { listenToProcess } from './process-events.js';

export interface RunSettings {
  name: string;
  logger: Logger;
  /** In the order of their start; stopped in reverse. The admin server comes first. */
  components: readonly Component[];
  /** All stops together get this long. Default 25 s: Kubernetes kills after 30 s. */
  drainTimeoutMs?: number;
  /** Default SIGTERM and SIGINT. */
  signals?: readonly NodeJS.Signals[];
  /** A run that ends by itself: when this resolves the service drains and exits 0, when it rejects as after a failed `done`. */
  until?: Promise<unknown>;
  /** Told of the error that ends the run, for a command that speaks to a person. It is logged in any case. */
  onFailure?: (error: unknown) => void;
}

/**
 * Runs a service until a signal, a component that cannot go on, or an error that nobody handled; then drains. Resolves with the
 * exit code: 0 after a signal, else what the error asks for by its `exitCode`, at least 1. A second signal ends the process at
 * once with 128 + its number.
 */
export async function runService(settings: RunSettings): Promise<number> {
  const { name, logger, components } = settings;
  const ending = new Ending(logger, settings.onFailure);
  const ignoreProcess = listenToProcess(ending, logger, settings.signals ?? ['SIGTERM', 'SIGINT']);
  // Waiting for a promise does not keep a process alive; this does.
  const keepAlive = setInterval(() => undefined, 3_600_000);
  const enter = (phase: Phase): void => components.forEach((component) => component.enter?.(phase));
  settings.until?.then(
    () => ending.begin('finished'),
    (error: unknown) => ending.fail('the run failed', error),
  );
  try {
    enter('starting');
    const begun = await startAll(components, ending, logger);
    if (!ending.hasBegun) {
      enter('running');
      logger.info({ name }, 'service started');
    }
    await ending.begun;
    enter('stopping');
    logger.info({ name, reason: ending.reason }, 'service stopping');
    const clean = await stopAll(begun.toReversed(), settings.drainTimeoutMs ?? 25_000, logger);
    if (!clean) ending.begin('drain', exitCodes.failure);
    logger.info({ name, exitCode: ending.exitCode }, 'service stopped');
    return ending.exitCode;
  } finally {
    clearInterval(keepAlive);
    ignoreProcess();
  }
}

/** Starts one after the other until one fails or the run is to end. Resolves with those that must be stopped. */
async function startAll(components: readonly Component[], ending: Ending, logger: Logger): Promise<Component[]> {
  const begun = new Set<Component>();
  for (const component of components) {
    if (ending.hasBegun) break;
    begun.add(component);
    const started = component.start(ending.signal).then(
      () => {
        logger.debug({ component: component.name }, 'component started');
        component.done?.catch((error: unknown) => ending.fail('component cannot go on', error, { component: component.name }));
      },
      (error: unknown) => {
        begun.delete(component);
        // Rejected because we told it to stop: that is no failure.
        if (!ending.hasBegun) ending.fail('component did not start', error, { component: component.name });
      },
    );
    await Promise.race([started, ending.begun]);
  }
  return [...begun];
}

/** Stops one after the other, within the time for all. False when one failed or the time ran out. */
async function stopAll(components: readonly Component[], boundMs: number, logger: Logger): Promise<boolean> {
  const timeIsUp = new AbortController();
  const timer = delay(boundMs, 'time is up' as const, { signal: timeIsUp.signal }).catch(() => 'cancelled' as const);
  let clean = true;
  try {
    for (const component of components) {
      const stopped = component.stop().catch((error: unknown) => {
        clean = false;
        logger.error({ component: component.name, err: error }, 'component did not stop cleanly');
      });
      if ((await Promise.race([stopped, timer])) === 'time is up') {
        logger.error({ component: component.name, drainTimeoutMs: boundMs }, 'drain took too long, giving up');
        return false;
      }
      logger.debug({ component: component.name }, 'component stopped');
    }
    return clean;
  } finally {
    timeIsUp.abort();
  }
}
