import type { OrganizationReader } from '@orgtrail/aws';
import { inSpan } from '@orgtrail/messaging';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import type { RecordedChange } from '../observed/record-reads.js';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import type { ConfirmationPolicy } from './decide-settlement.js';
import { runSync, type SyncSummary } from './run-sync.js';
import { claimSync, releaseSync, renewSync, type SyncClaim } from './sql/sync-claims.js';
import type { SyncKind } from './sync-kind.js';
import { holdLease, type SyncLease } from './sync-lease.js';
import type { SyncProgress } from './sync-progress.js';

export interface SyncerOptions {
  pool: pg.Pool;
  integration: Integration;
  /** A reader that ends with the signal. */
  reader(signal: AbortSignal, onAttempt: (operation: string) => void): OrganizationReader;
  /** What the limiter lets through. */
  callsPerSecond(operation: string): number;
  settings: { intervalSeconds?: number | undefined; lightSyncsBetween: number; confirmation: ConfirmationPolicy };
  /** Whether one is due however recent the last one is, and whether none has completed yet. */
  start: { syncs: boolean; isBaseline: boolean };
  metrics: DiscoveryMetrics;
  logger: Logger;
  onMerged(changes: readonly RecordedChange[]): void;
  onProgress?(progress: SyncProgress): void;
  onSynced(result: SyncEnd): void;
}

/** How a sync ended: with a summary, or with an error. */
export interface SyncEnd {
  kind: SyncKind;
  reason: string;
  summary?: SyncSummary;
  error?: unknown;
}

export interface Syncer {
  /**
   * Runs a sync if one is due and nobody else runs one. Resolves to 1 when it ran. The signal ends it at once, and it stays due: a large
   * organization is read for minutes, and a process that is told to stop has seconds. One that is taken over is no failure: resolves to 0.
   */
  syncWhenDue(signal: AbortSignal): Promise<number>;
  /** Resolves with the next sync of this kind that begins from now on, or a full one; rejects when that one fails. */
  next(kind: SyncKind): Promise<SyncSummary>;
  /** True until a full sync has completed. */
  isBaseline(): boolean;
}

/** Short, so that the sync of a killed process is taken over soon; renewed every two seconds while a sync runs. */
const leaseSeconds = 12;
const renewalMs = 2_000;

/** Decides when to sync, and how: at the first start, where a start syncs, when asked for, when one did not succeed, and by the interval. */
export function createSyncer(options: SyncerOptions): Syncer {
  const { pool, integration, settings, metrics, logger } = options;
  let syncNow = options.start.syncs;
  let baseline = options.start.isBaseline;
  let waiting: { kind: SyncKind; resolve(summary: SyncSummary): void; reject(error: unknown): void }[] = [];

  let progress: SyncProgress | undefined;

  const hold = (claim: SyncClaim): SyncLease => {
    progress = undefined;
    return holdLease({
      renew: () => renewSync(pool, integration.id, { claimId: claim.id, leaseSeconds, progress }),
      seconds: leaseSeconds,
      renewalMs,
      logger,
      now: () => performance.now(),
    });
  };
  const run = (claim: SyncClaim, signal: AbortSignal): Promise<SyncSummary> =>
    runSync({
      pool,
      integration,
      kind: claim.kind,
      reason: claim.reason,
      reader: (ending, onAttempt) => options.reader(ending, onAttempt),
      callsPerSecond: (operation) => options.callsPerSecond(operation),
      signal,
      policy: settings.confirmation,
      isBaseline: claim.isBaseline,
      logger,
      onMerged: (changes) => options.onMerged(changes),
      onProgress: (reached) => {
        progress = reached;
        options.onProgress?.(reached);
      },
    });

  const syncWhenDue = async (signal: AbortSignal): Promise<number> => {
    const { intervalSeconds, lightSyncsBetween } = settings;
    const claim = await claimSync(pool, integration.id, { intervalSeconds, lightSyncsBetween, syncNow, leaseSeconds });
    if (!claim) return 0;
    const { kind, reason } = claim;
    baseline = claim.isBaseline;
    const answered = waiting.filter((waiter) => kind === 'full' || waiter.kind === 'light');
    waiting = waiting.filter((waiter) => !answered.includes(waiter));
    let succeeded = false;
    const { lost, end: endLease } = hold(claim);
    try {
      logger.info({ kind, reason }, 'Sync begins');
      const attributes = { 'orgtrail.integration.id': integration.id };
      const summary = await inSpan({ name: `${kind} sync`, attributes }, () => run(claim, AbortSignal.any([signal, lost])));
      succeeded = true;
      if (kind === 'full') {
        syncNow = false;
        baseline = false;
      }
      metrics.synced(kind, summary.complete ? 'complete' : 'incomplete', summary.seconds);
      logger.info({ ...summary }, 'Sync ended');
      options.onSynced({ kind, reason, summary });
      for (const { resolve } of answered) resolve(summary);
      return 1;
    } catch (error) {
      for (const { reject } of answered) reject(error);
      // An interrupted sync says nothing about the organization.
      if (signal.aborted) throw error;
      if (lost.aborted) {
        logger.info({ kind, reason, err: lost.reason as Error }, 'Sync breaks off, since it is not ours any more');
        return 0;
      }
      metrics.synced(kind, 'failed', 0);
      options.onSynced({ kind, reason, error });
      throw error;
    } finally {
      endLease();
      await releaseSync(pool, integration.id, { ...claim, succeeded }).catch((error: unknown) =>
        logger.warn({ err: error }, 'The lease of a sync could not be given back and runs out by itself'),
      );
    }
  };

  return {
    syncWhenDue,
    next: (kind) => {
      const { promise, resolve, reject } = Promise.withResolvers<SyncSummary>();
      waiting.push({ kind, resolve, reject });
      // Whoever could not ask for the sync does not wait for it any more.
      promise.catch(() => undefined);
      return promise;
    },
    isBaseline: () => baseline,
  };
}
