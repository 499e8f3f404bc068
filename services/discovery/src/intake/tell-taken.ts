import type { Logger } from '@orgtrail/service-runtime';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import { delaysOnTheWay } from '../proof/event-times.js';
import type { TakenIn } from './take-in.js';

/** Counts what became of one message's records; of what is refused the log has the reason, and never a word of the message. */
export function tellTaken(
  taken: readonly TakenIn[],
  {
    integrationId,
    metrics,
    logger,
    messageId,
  }: { integrationId: string; metrics: DiscoveryMetrics; logger: Logger; messageId: string },
): void {
  for (const { outcome, eventName, reason, times } of taken) {
    metrics.eventTakenIn(outcome, eventName);
    for (const { part, milliseconds } of times ? delaysOnTheWay(times) : [])
      metrics.eventDelayed(integrationId, part, milliseconds);
    if (outcome === 'refused') logger.warn({ messageId, reason }, 'A message was refused and put into quarantine');
  }
}
