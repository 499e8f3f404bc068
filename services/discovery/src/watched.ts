import type { AwsConnection, RoleVerifier } from '@orgtrail/aws';
import type { Bus } from '@orgtrail/messaging';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { describeCondition } from './integrations/describe-condition.js';
import { recognised, verifierSettingsOf, type StoredIntegration } from './integrations/integration.js';
import { createConditionKeeper, type ConditionKeeper } from './integrations/keep-condition.js';
import type { VerifierSettings } from './integrations/role-settings.js';
import { hasBaseline } from './integrations/sql/has-baseline.js';
import { updateCondition } from './integrations/sql/update-integration.js';
import { raiseClock } from './observed/sql/raise-clock.js';
import type { DiscoveryMetrics } from './proof/metrics.js';
import type { SyncProgress } from './refresh/sync-progress.js';
import type { SyncEnd } from './refresh/syncer.js';
import { startWatch, type ProcessSettings, type Watch } from './watch.js';

export interface WatchingOptions {
  pool: pg.Pool;
  bus: Bus;
  verifier(role: VerifierSettings): RoleVerifier;
  logger: Logger;
  metrics: DiscoveryMetrics;
  process: ProcessSettings;
  onProgress?(progress: SyncProgress): void;
  onSynced?(result: SyncEnd): void;
}

/** An integration that is being watched here, as it was when that began. */
export interface Watched {
  stored: StoredIntegration;
  heldDeletions: number;
  condition: ConditionKeeper;
  watch: Watch;
  verifier: RoleVerifier;
  /** Its lease has run out: nothing of it may reach AWS any more. */
  isLost: boolean;
}

/** More than this and somebody's clock was wrong: versions would stay ahead of the time for long. */
const clockAheadAlarmSeconds = 3600;

/** Begins to watch an integration that AWS has recognised through this connection. */
export async function beginWatch(
  options: WatchingOptions,
  { stored, aws, start }: { stored: StoredIntegration; aws: AwsConnection; start: { syncs: boolean } },
): Promise<Watched> {
  const { pool, bus, logger, metrics } = options;
  const integration = recognised(stored);
  if (!integration) throw new Error(`Integration ${stored.id} is not recognised.`);
  const ahead = await raiseClock(pool, stored.id);
  if (ahead > clockAheadAlarmSeconds) {
    logger.error(
      { integrationId: stored.id, aheadSeconds: Math.round(ahead) },
      'The version clock is far ahead of the time: a clock was wrong once. Versions go on from there',
    );
  }
  await updateCondition(pool, stored.id, describeCondition(stored));
  const condition = createConditionKeeper({ pool, logger, stored });
  const isBaseline = !(await hasBaseline(pool, stored.id));
  // Nothing can fail from here on: a watch that runs is always known.
  const verifier = options.verifier(verifierSettingsOf(stored.settings));
  const watch = startWatch({
    pool,
    bus,
    integration,
    aws,
    verifier,
    logger: logger.child({ integrationId: stored.id }),
    metrics,
    process: options.process,
    start: { ...start, isBaseline },
    ...(options.onProgress ? { onProgress: (progress: SyncProgress) => options.onProgress?.(progress) } : {}),
    onSynced: (result) => {
      condition.synced(result.error);
      options.onSynced?.(result);
    },
    onQueue: (failure) => condition.queue(failure),
  });
  logger.info({ organizationId: integration.organizationId, integrationId: stored.id }, 'Discovery watches the organization');
  return { stored, heldDeletions: 0, condition, watch, verifier, isLost: false };
}

/** Of AWS so far, by operation. */
export function callsOf({ watch, verifier }: Watched): Record<string, number> {
  const calls = { ...watch.aws.calls() };
  for (const [operation, count] of Object.entries(verifier.calls())) calls[operation] = (calls[operation] ?? 0) + count;
  return calls;
}

export function closeConnections({ watch, verifier }: Watched): void {
  watch.aws.destroy();
  verifier.destroy();
}
