import type { QueueReader } from '@orgtrail/aws';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import type { atMostEvery } from '../at-most-every.js';
import { keepInvisible } from './keep-invisible.js';
import { arrivalOf } from './arrival-of.js';
import { noteEventArrival } from './sql/note-event-arrival.js';
import { takeIn } from './take-in.js';
import { tellTaken } from './tell-taken.js';

export interface QueueIntakeOptions {
  pool: pg.Pool;
  integration: Integration;
  queue: QueueReader;
  metrics: DiscoveryMetrics;
  logger: Logger;
  signal: AbortSignal;
  /** Called after hints were committed: somebody should look. */
  onHints(): void;
  /** Told before the work begins: there may be more. */
  onFullBatch(): void;
  /** Of a long poll; AWS's longest is 20. */
  waitSeconds: number;
  visibilitySeconds: number;
  /** Refusals are logged by it. */
  seldom: ReturnType<typeof atMostEvery>;
  /** Told of each batch that held messages: why they could not be taken in, or undefined. */
  onTaken?(failure: unknown): void;
  /** Told when AWS refuses to extend the time of messages in hand. */
  onExtensionRefused(error: unknown): void;
}

/** As many as SQS hands out at once. */
const fullBatch = 10;

/**
 * Receives up to ten messages, commits what they mean in one transaction, then deletes them. Messages whose transaction failed are not
 * deleted: they come again. Returns whether the batch was full.
 */
export async function receiveOnce(options: QueueIntakeOptions): Promise<boolean> {
  const { pool, integration, queue, metrics, logger, signal, waitSeconds, visibilitySeconds } = options;
  const messages = await queue.receive({ maxMessages: fullBatch, waitSeconds, visibilitySeconds, signal });
  if (messages.length === 0) return false;
  if (messages.length === fullBatch) options.onFullBatch();

  const receipts = messages.map(({ receipt }) => receipt);
  const release = keepInvisible({ queue, receipts, visibilitySeconds, logger, onRefused: options.onExtensionRefused });
  try {
    const taken = await takeIn(pool, integration, messages).catch((error: unknown) => {
      options.onTaken?.(error);
      throw error;
    });
    options.onTaken?.(undefined);
    messages.forEach(({ id }, index) =>
      tellTaken(taken[index] ?? [], { integrationId: integration.id, metrics, logger, messageId: id, seldom: options.seldom }),
    );
    const outcomes = taken.flat().map(({ outcome }) => outcome);
    if (outcomes.some((outcome) => outcome === 'hints' || outcome === 'full-sync')) options.onHints();
    const arrival = arrivalOf(taken.flat());
    if (arrival) await noteEventArrival(pool, integration.id, arrival);
    await deleteAll(queue, receipts, logger);
  } finally {
    release();
  }
  return messages.length === fullBatch;
}

/** What cannot be deleted, the second time either, comes again after its visibility timeout, and is known by its event ids. */
async function deleteAll(queue: QueueReader, receipts: readonly string[], logger: Logger): Promise<void> {
  const { failed } = await queue.delete(receipts);
  if (failed.length === 0) return;
  const again = await queue.delete(failed);
  if (again.failed.length > 0)
    logger.warn({ count: again.failed.length }, 'Queue messages could not be deleted and will come again');
}
