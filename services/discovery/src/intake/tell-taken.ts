import type { Logger } from '@orgtrail/service-runtime';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import type { TakenIn } from './take-in.js';

/** Counts what became of one message's records; of what is refused the log has the reason, and never a word of the message. */
export function tellTaken(
  taken: readonly TakenIn[],
  { metrics, logger, messageId }: { metrics: DiscoveryMetrics; logger: Logger; messageId: string },
): void {
  for (const { outcome, eventName, reason } of taken) {
    metrics.eventTakenIn(outcome, eventName);
    if (outcome === 'refused') logger.warn({ messageId, reason }, 'A message was refused and put into quarantine');
  }
}
