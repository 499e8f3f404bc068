import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { describeCondition, failureOf, queueFailureOf } from './describe-condition.js';
import type { StoredIntegration } from './integration.js';
import { selectIntegration } from './sql/select-integrations.js';
import { updateCondition } from './sql/update-integration.js';

/** Keeps what is said of an integration that is being watched. */
export interface ConditionKeeper {
  /** How its last sync ended: undefined where it did not fail. */
  synced(failure: unknown): void;
  /** Whether its queue can be read. */
  queue(failure: unknown): void;
  /** The integration as it is stored now: what is to be said of it may be something else. */
  notice(stored: StoredIntegration): void;
}

export function createConditionKeeper({
  pool,
  logger,
  stored,
}: {
  pool: pg.Pool;
  logger: Logger;
  stored: StoredIntegration;
}): ConditionKeeper {
  const { id } = stored;
  let syncFailure: unknown;
  let queueFailure: unknown;
  let noticed = describeCondition(stored).message;

  // Whoever cannot read the organization, or hears no events any more, must not look connected.
  const conditionNow = async () => {
    if (syncFailure !== undefined) return failureOf(syncFailure);
    // What the last sync could not read stands in the row.
    const now = (await selectIntegration(pool, id)) ?? stored;
    return queueFailure === undefined ? describeCondition(now) : queueFailureOf(queueFailure, now);
  };
  // One after the other: of two at once the older could be the last to be stored.
  let telling = Promise.resolve();
  const tell = (): void => {
    telling = telling
      .then(conditionNow)
      .then((condition) => updateCondition(pool, id, condition))
      .catch((error: unknown) =>
        logger.warn({ integrationId: id, err: error }, 'The condition of an integration could not be stored'),
      );
  };
  return {
    synced: (failure) => {
      syncFailure = failure;
      tell();
    },
    queue: (failure) => {
      queueFailure = failure;
      tell();
    },
    notice: (now) => {
      const { message } = describeCondition(now);
      if (message === noticed) return;
      noticed = message;
      tell();
    },
  };
}
