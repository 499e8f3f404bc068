import type { OrganizationReader } from '@orgtrail/aws';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { Integration } from '../integrations/integration.js';
import type { RecordedChange } from '../observed/record-reads.js';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import type { ConfirmationPolicy } from './decide-settlement.js';
import { runFullSync, type FullSyncSummary } from './full-sync.js';
import type { ListingProgress } from './list-organization.js';
import { claimFullSync, releaseFullSync, renewFullSyncLease } from './sql/full-sync-asks.js';

export interface FullSyncerOptions {
  pool: pg.Pool;
  integration: Integration;
  /** A reader that ends with the signal. */
  reader(signal: AbortSignal): OrganizationReader;
  settings: { fullSyncIntervalSeconds?: number | undefined; confirmation: ConfirmationPolicy };
  /** Whether one is due however recent the last one is, and whether none has completed yet. */
  start: { syncs: boolean; isBaseline: boolean };
  metrics: DiscoveryMetrics;
  logger: Logger;
  onMerged(changes: readonly RecordedChange[]): void;
  onProgress?(progress: ListingProgress): void;
  onSynced(result: { summary?: FullSyncSummary; error?: unknown; reason: string }): void;
}

export interface FullSyncer {
  /**
   * Runs a full sync if one is due and nobody else runs one. Resolves to 1 when it ran. The signal ends it at once, and it stays due: a large
   * organization is read for minutes, and a process that is told to stop has seconds.
   */
  syncWhenDue(signal: AbortSignal): Promise<number>;
  /** Resolves with the next sync that begins from now on; rejects when that one fails. */
  next(): Promise<FullSyncSummary>;
  /** True until a full sync has completed. */
  isBaseline(): boolean;
}

/** Short, so that the sync of a killed process is taken over soon; renewed while a sync runs. */
const leaseSeconds = 30;

/** Decides when to run full syncs: at the first start, where a start syncs, when asked for, when one was broken off, and by the interval. */
export function createFullSyncer(options: FullSyncerOptions): FullSyncer {
  const { pool, integration, settings, metrics, logger } = options;
  let firstSync = options.start.syncs;
  let baseline = options.start.isBaseline;
  const waiting: { resolve(summary: FullSyncSummary): void; reject(error: unknown): void }[] = [];

  const syncWhenDue = async (signal: AbortSignal): Promise<number> => {
    const claim = await claimFullSync(pool, integration.id, {
      intervalSeconds: settings.fullSyncIntervalSeconds,
      leaseSeconds,
      firstSync,
    });
    if (!claim) return 0;
    baseline = claim.isBaseline;
    const answered = waiting.splice(0);
    const renewal = setInterval(
      () =>
        void renewFullSyncLease(pool, integration.id, leaseSeconds).catch((error: unknown) =>
          logger.warn({ err: error }, 'The lease of a full sync could not be renewed'),
        ),
      (leaseSeconds * 1000) / 4,
    );
    let succeeded = false;
    try {
      logger.info({ reason: claim.reason }, 'Full sync begins');
      const summary = await runFullSync({
        pool,
        integration,
        reader: options.reader(signal),
        signal,
        reason: claim.reason,
        policy: settings.confirmation,
        isBaseline: claim.isBaseline,
        logger,
        onMerged: (changes) => options.onMerged(changes),
        ...(options.onProgress ? { onProgress: (progress: ListingProgress) => options.onProgress?.(progress) } : {}),
      });
      succeeded = true;
      firstSync = false;
      baseline = false;
      metrics.fullSync(summary.complete ? 'complete' : 'incomplete', summary.seconds);
      logger.info({ ...summary }, 'Full sync ended');
      options.onSynced({ summary, reason: claim.reason });
      for (const { resolve } of answered) resolve(summary);
      return 1;
    } catch (error) {
      // An interrupted sync says nothing about the organization.
      if (!signal.aborted) {
        metrics.fullSync('failed', 0);
        options.onSynced({ error, reason: claim.reason });
      }
      for (const { reject } of answered) reject(error);
      throw error;
    } finally {
      clearInterval(renewal);
      await releaseFullSync(pool, integration.id, { ask: claim.ask, succeeded }).catch((error: unknown) =>
        logger.warn({ err: error }, 'The lease of a full sync could not be given back and runs out by itself'),
      );
    }
  };

  return {
    syncWhenDue,
    next: () => new Promise((resolve, reject) => waiting.push({ resolve, reject })),
    isBaseline: () => baseline,
  };
}
