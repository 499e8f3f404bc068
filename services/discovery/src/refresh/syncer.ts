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
   * organization is read for minutes, and a process that is told to stop has seconds.
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

  const run = async (claim: SyncClaim, signal: AbortSignal): Promise<SyncSummary> => {
    const losing = new AbortController();
    let progress: SyncProgress | undefined;
    const renew = async (): Promise<void> => {
      try {
        if (await renewSync(pool, integration.id, { claimId: claim.id, leaseSeconds, progress })) return;
        losing.abort(new Error('Another process has taken this sync over.'));
      } catch (error) {
        logger.warn({ err: error }, 'The lease of a sync could not be renewed');
      }
    };
    const renewal = setInterval(() => void renew(), renewalMs);
    try {
      return await runSync({
        pool,
        integration,
        kind: claim.kind,
        reason: claim.reason,
        reader: (ending, onAttempt) => options.reader(ending, onAttempt),
        callsPerSecond: (operation) => options.callsPerSecond(operation),
        signal: AbortSignal.any([signal, losing.signal]),
        policy: settings.confirmation,
        isBaseline: claim.isBaseline,
        logger,
        onMerged: (changes) => options.onMerged(changes),
        onProgress: (reached) => {
          progress = reached;
          options.onProgress?.(reached);
        },
      });
    } finally {
      clearInterval(renewal);
    }
  };

  const syncWhenDue = async (signal: AbortSignal): Promise<number> => {
    const { intervalSeconds, lightSyncsBetween } = settings;
    const claim = await claimSync(pool, integration.id, { intervalSeconds, lightSyncsBetween, syncNow, leaseSeconds });
    if (!claim) return 0;
    const { kind, reason } = claim;
    baseline = claim.isBaseline;
    const answered = waiting.filter((waiter) => kind === 'full' || waiter.kind === 'light');
    waiting = waiting.filter((waiter) => !answered.includes(waiter));
    let succeeded = false;
    try {
      logger.info({ kind, reason }, 'Sync begins');
      const attributes = { 'orgtrail.integration.id': integration.id };
      const summary = await inSpan({ name: `${kind} sync`, attributes }, () => run(claim, signal));
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
      // An interrupted sync says nothing about the organization.
      if (!signal.aborted) {
        metrics.synced(kind, 'failed', 0);
        options.onSynced({ kind, reason, error });
      }
      for (const { reject } of answered) reject(error);
      throw error;
    } finally {
      await releaseSync(pool, integration.id, { ...claim, succeeded }).catch((error: unknown) =>
        logger.warn({ err: error }, 'The lease of a sync could not be given back and runs out by itself'),
      );
    }
  };

  return {
    syncWhenDue,
    next: (kind) => new Promise((resolve, reject) => waiting.push({ kind, resolve, reject })),
    isBaseline: () => baseline,
  };
}
