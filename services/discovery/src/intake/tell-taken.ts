import type { Logger } from '@orgtrail/service-runtime';
import type { atMostEvery } from '../at-most-every.js';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import { delaysOnTheWay } from '../proof/event-times.js';
import type { TakenIn } from './take-in.js';

export const refusalToldEveryMs = 10_000;

/** Counts what became of one message's records; of what is refused the log has the reason of one in a while, and never a word of the message. */
export function tellTaken(
  taken: readonly TakenIn[],
  {
    integrationId,
    metrics,
    logger,
    messageId,
    seldom,
  }: {
    integrationId: string;
    metrics: DiscoveryMetrics;
    logger: Logger;
    messageId: string;
    /** Strangers decide how much is refused, and not how much is logged. */
    seldom: ReturnType<typeof atMostEvery>;
  },
): void {
  for (const { outcome, eventName, reason, times } of taken) {
    metrics.eventTakenIn(outcome, eventName);
    for (const { part, milliseconds } of times ? delaysOnTheWay(times) : [])
      metrics.eventDelayed(integrationId, part, milliseconds);
    if (outcome === 'refused')
      seldom((untold) =>
        logger.warn(
          { integrationId, messageId, reason, ...(untold > 0 ? { others: untold } : {}) },
          'A message was refused and put into quarantine',
        ),
      );
  }
}
