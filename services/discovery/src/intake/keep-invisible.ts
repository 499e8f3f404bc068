import type { QueueReader } from '@orgtrail/aws';
import type { Logger } from '@orgtrail/service-runtime';

export interface KeepInvisibleOptions {
  queue: Pick<QueueReader, 'extend'>;
  receipts: readonly string[];
  visibilitySeconds: number;
  logger: Logger;
  /** Told when AWS refuses, so that it is said once: a role that was made earlier lacks this right, and works without it. */
  onRefused(error: unknown): void;
}

/**
 * While messages are worked on, nobody else is given them: after each third of the visibility timeout it begins anew. Without that, work that
 * takes long is done twice, and nothing is lost. Returns how to end it.
 */
export function keepInvisible({ queue, receipts, visibilitySeconds, logger, onRefused }: KeepInvisibleOptions): () => void {
  let refused = false;
  const timer = setInterval(
    () => {
      if (refused) return;
      queue.extend(receipts, visibilitySeconds).catch((error: unknown) => {
        if ((error as { kind?: unknown }).kind === 'denied') {
          refused = true;
          onRefused(error);
        } else logger.warn({ err: error }, 'Messages that take long may be received twice');
      });
    },
    (visibilitySeconds * 1000) / 3,
  );
  timer.unref();
  return () => clearInterval(timer);
}
