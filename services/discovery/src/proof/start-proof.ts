import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import { startLoop, type Loop } from '../loop.js';
import type { DiscoveryMetrics } from './metrics.js';
import { settleMissedChanges } from './sql/settle-found-changes.js';

export interface ProofOptions {
  pool: pg.Pool;
  integration: Integration;
  metrics: DiscoveryMetrics;
  logger: Logger;
  /** How long an event may be late before a found change counts as missed. */
  missedChangeWindowSeconds: number;
}

/** Settles what syncs found: a change that no event has named within the window was missed. */
export function startProof({ pool, integration, metrics, logger, missedChangeWindowSeconds }: ProofOptions): Loop {
  return startLoop({
    name: 'proof',
    round: async () => {
      for (const { kind, count } of await settleMissedChanges(pool, integration.id, missedChangeWindowSeconds)) {
        metrics.missedChanges(kind, count);
        logger.warn({ kind, count }, 'Changes were found by a full sync that no event had named: events are missing');
      }
      return 0;
    },
    restMs: Math.min(30_000, missedChangeWindowSeconds * 500),
    logger,
  });
}
