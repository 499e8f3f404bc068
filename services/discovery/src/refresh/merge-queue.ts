import type { Logger } from '@orgtrail/service-runtime';
import type { AnsweredRequest } from './merge-readings.js';

/** Readings on their way into the database. */
export interface MergeQueue {
  /** Resolves when it was merged and settled. Rejects when it could not be: its claim runs out then, and it is read again. */
  add(answered: AnsweredRequest): Promise<void>;
}

interface Waiting {
  answered: AnsweredRequest;
  resolve(): void;
  reject(error: unknown): void;
}

const mostInBatch = 50;

/**
 * Merges readings in batches without waiting for them: while one batch is written, what comes in makes up the next. Where a batch fails
 * each of it is tried alone, so that one bad record costs only itself.
 */
export function createMergeQueue(options: {
  merge(answered: readonly AnsweredRequest[]): Promise<void>;
  logger: Logger;
}): MergeQueue {
  const waiting: Waiting[] = [];
  let running = false;

  const mergeAlone = async ({ answered, resolve, reject }: Waiting): Promise<void> => {
    await options.merge([answered]).then(resolve, (error: unknown) => {
      options.logger.warn(
        { subject: answered.request.subject, err: error },
        'What was read of a subject could not be merged, and it will be read again',
      );
      reject(error);
    });
  };
  const mergeBatch = async (batch: readonly Waiting[]): Promise<void> => {
    if (batch.length > 1) {
      try {
        await options.merge(batch.map(({ answered }) => answered));
        for (const { resolve } of batch) resolve();
        return;
      } catch (error) {
        options.logger.debug({ err: error, size: batch.length }, 'A batch of readings could not be merged; each is tried alone');
      }
    }
    for (const one of batch) await mergeAlone(one);
  };
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) await mergeBatch(takeBatch(waiting));
    running = false;
  };

  return {
    add: (answered) =>
      new Promise((resolve, reject) => {
        waiting.push({ answered, resolve, reject });
        if (!running) void run();
      }),
  };
}

/** A subject may be there twice, by two lanes: one transaction merges it once. */
function takeBatch(waiting: Waiting[]): Waiting[] {
  const subjects = new Set<string>();
  const batch: Waiting[] = [];
  while (waiting.length > 0 && batch.length < mostInBatch) {
    const [next] = waiting;
    if (!next || subjects.has(next.answered.request.subject)) break;
    subjects.add(next.answered.request.subject);
    batch.push(next);
    waiting.shift();
  }
  return batch;
}
