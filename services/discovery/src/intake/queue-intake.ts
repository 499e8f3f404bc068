import type { QueueReader } from '@orgtrail/aws';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import { noteEventArrival } from './sql/note-event-arrival.js';
import { takeIn } from './take-in.js';

export interface QueueIntakeOptions {
  pool: pg.Pool;
  integration: Integration;
  queue: QueueReader;
  metrics: DiscoveryMetrics;
  logger: Logger;
  signal: AbortSignal;
  /** Called after hints were committed: somebody should look. */
  onHints(): void;
}

/** AWS's longest long poll. */
const waitSeconds = 20;

/**
 * Receives up to ten messages, commits what they mean, then deletes them. A message whose transaction failed is not deleted: it
 * comes again. Returns the number of messages received.
 */
export async function receiveOnce(options: QueueIntakeOptions): Promise<number> {
  const { pool, integration, queue, metrics, logger, signal } = options;
  const messages = await queue.receive({ maxMessages: 10, waitSeconds, signal });
  if (messages.length === 0) return 0;

  const receipts: string[] = [];
  let hinted = false;
  let arrived = false;
  let failure: Error | undefined;
  for (const message of messages) {
    try {
      const taken = await takeIn(pool, integration, message);
      receipts.push(message.receipt);
      for (const { outcome, eventName, reason } of taken) {
        metrics.eventTakenIn(outcome, eventName);
        hinted ||= outcome === 'hints' || outcome === 'full-sync';
        arrived ||= outcome !== 'refused';
        if (outcome === 'refused') {
          logger.warn({ messageId: message.id, reason }, 'A queue message was refused and put into quarantine');
        }
      }
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      break;
    }
  }
  if (hinted) options.onHints();
  if (arrived) await noteEventArrival(pool, integration.id);
  if (receipts.length > 0) {
    const { failed } = await queue.delete(receipts);
    if (failed.length > 0) logger.warn({ count: failed.length }, 'Queue messages could not be deleted and will come again');
  }
  // What was not committed comes again after its visibility timeout.
  if (failure) throw failure;
  return messages.length;
}
