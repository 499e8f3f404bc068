import type { Bus } from '@orgtrail/messaging';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { publishPending } from './publish-pending.js';
import type { UnpublishedSubject } from './sql/unpublished-subjects.js';

export interface Publisher {
  /** Publishes what is pending, one flush at a time. Resolves to the number of acknowledged observations. */
  flush(): Promise<number>;
}

/** Serializes publishing inside a process, so that one process never publishes the same version twice without a reason. */
export function createPublisher(options: {
  pool: pg.Pool;
  bus: Bus;
  integration: Integration;
  onPublished(count: number): void;
  onAcknowledged(subjects: readonly UnpublishedSubject[]): void;
}): Publisher {
  let last: Promise<unknown> = Promise.resolve();
  return {
    flush: () => {
      const next = last.then(async () => {
        const count = await publishPending(options.pool, options.bus, options.integration, (subjects) =>
          options.onAcknowledged(subjects),
        );
        options.onPublished(count);
        return count;
      });
      last = next.catch(() => undefined);
      return next;
    },
  };
}
