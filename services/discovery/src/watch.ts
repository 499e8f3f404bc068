import type { AwsConnection, RoleVerifier } from '@orgtrail/aws';
import type { Bus } from '@orgtrail/messaging';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { startIntake } from './intake/start-intake.js';
import type { Integration } from './integrations/integration.js';
import { syncIntervalSeconds } from './integrations/settings.js';
import { startLoop, type Loop } from '@orgtrail/service-runtime';
import { createMemberWorker } from './members/verify-members.js';
import { createPublisher } from './observed/publisher.js';
import type { DiscoveryMetrics } from './proof/metrics.js';
import { delaysWithUs } from './proof/event-times.js';
import { createQueueHealth } from './proof/queue-health.js';
import { startProof } from './proof/start-proof.js';
import { confirmTagsAfterSeconds, type ConfirmationPolicy } from './refresh/decide-settlement.js';
import { readBacklog, type Backlog } from './refresh/read-backlog.js';
import { startRefreshes } from './refresh/start-refreshes.js';
import { askFullSync, askLightSync } from './refresh/sql/sync-asks.js';
import type { SyncSummary } from './refresh/run-sync.js';
import type { SyncKind } from './refresh/sync-kind.js';
import type { SyncProgress } from './refresh/sync-progress.js';
import { createSyncer, type SyncEnd } from './refresh/syncer.js';

/** How this process works, the same for every integration. */
export interface ProcessSettings {
  /** How long an event may be late before a found change counts as missed. */
  missedChangeWindowSeconds: number;
  confirmation: ConfirmationPolicy;
  /** Verifications of members begun a second, over all replicas. */
  membersPerSecond: number;
  /** Light syncs between two full ones; by default none. */
  lightSyncsBetween?: number;
  /** Only to read once: the queue is left alone, and no member's role is tried. */
  readOnce?: boolean;
}

export interface WatchOptions {
  pool: pg.Pool;
  bus: Bus;
  integration: Integration;
  aws: AwsConnection;
  verifier: RoleVerifier;
  logger: Logger;
  metrics: DiscoveryMetrics;
  process: ProcessSettings;
  /** Whether it begins with a sync, however recent the last one is, and whether none has completed yet. */
  start: { syncs: boolean; isBaseline: boolean };
  /** Only the watch that reads the queue of the management account hears of changes. */
  onProgress?(progress: SyncProgress): void;
  onSynced?(result: SyncEnd): void;
  /** Told when the queue cannot be read any more, with why, and when it can again, with undefined. */
  onQueue?(failure: unknown): void;
}

/** One organization being watched: events and schedules in, observations out. */
export interface Watch {
  integration: Integration;
  aws: AwsConnection;
  backlog(): Promise<Backlog>;
  /** Syncs now (or joins the one that is about to begin) and resolves with what was found. */
  sync(kind: SyncKind, reason: string): Promise<SyncSummary>;
  published(): Promise<void>;
  /** False until a full sync has completed: then the graph lacks what nobody has read yet. */
  hasSynced(): boolean;
  /** Hints were committed by somebody else here: looks at once. */
  wake(): void;
  /** In good order, or `atOnce`: then nothing waits for anything, and nothing more is read or published. May be called again meanwhile. */
  stop(how?: { atOnce: boolean }): Promise<void>;
}

/** Starts the loops of one organization. They stop in the order in which work flows, so that what came in is still published. */
export function startWatch(options: WatchOptions): Watch {
  const { pool, bus, integration, aws, logger, metrics } = options;
  const { confirmation, missedChangeWindowSeconds } = options.process;
  const loops: Loop[] = [];

  const publisher = createPublisher({
    pool,
    bus,
    integration,
    onPublished: (count) => metrics.published(count),
    onAcknowledged: (subjects) => {
      for (const delay of delaysWithUs(subjects, Date.now())) metrics.eventDelayed(integration.id, 'ours', delay);
    },
  });
  const publish = startLoop({ name: 'publish', round: () => publisher.flush(), restMs: 1000, logger });
  const onMerged = () => publish.wake();

  const worker = createMemberWorker({
    pool,
    integration,
    verifier: options.verifier,
    membersPerSecond: options.process.readOnce === true ? undefined : options.process.membersPerSecond,
    confirmTagsAfterSeconds: confirmTagsAfterSeconds(confirmation),
    metrics,
    logger,
    onChanged: onMerged,
    onAsked: () => refresh.wake(),
  });
  const members = startLoop({ name: 'members', round: () => worker.round(), restMs: 250, logger });

  const syncer = createSyncer({
    pool,
    integration,
    reader: (signal, onAttempt) => aws.reader('sync', signal, onAttempt),
    callsPerSecond: (operation) => aws.allowedPerSecond(operation),
    settings: {
      intervalSeconds: syncIntervalSeconds(integration),
      lightSyncsBetween: options.process.lightSyncsBetween ?? 0,
      confirmation,
    },
    start: options.start,
    metrics,
    logger,
    onMerged,
    onSynced: (result) => {
      refresh.wake();
      members.wake();
      proof.onSynced();
      options.onSynced?.(result);
    },
    ...(options.onProgress ? { onProgress: (progress: SyncProgress) => options.onProgress?.(progress) } : {}),
  });
  const refresh = startRefreshes({
    pool,
    integration,
    reader: (priority, signal) => aws.reader(priority, signal),
    callsPerSecond: (operation) => aws.allowedPerSecond(operation),
    policy: confirmation,
    isBaseline: () => syncer.isBaseline(),
    metrics,
    logger,
    onMerged: () => {
      onMerged();
      members.wake();
    },
  });
  const sync = startLoop({ name: 'sync', round: (signal) => syncer.syncWhenDue(signal), restMs: 1000, logger });
  // To read once is no watch: nobody takes in what waits.
  const queueHealth = integration.queueUrl !== null && options.process.readOnce !== true ? createQueueHealth() : undefined;
  const proof = startProof({
    pool,
    integration,
    aws,
    ...(queueHealth ? { queueHealth } : {}),
    metrics,
    logger,
    missedChangeWindowSeconds,
    staleSeconds: Math.max(...confirmation.confirmAfterSeconds, confirmation.confirmNotFoundAfterSeconds),
  });
  loops.push(sync, refresh, proof, members, publish);
  const wake = (): void => {
    refresh.wake();
    sync.wake();
  };
  if (integration.queueUrl !== null && options.process.readOnce !== true) {
    const intake = startIntake({
      pool,
      integration,
      queue: aws.queue(integration.queueUrl),
      metrics,
      logger,
      onHints: wake,
      onRead: (failure) => queueHealth?.onRead(failure),
      onTaken: (failure) => queueHealth?.onTaken(failure),
      onQueue: (failure) => options.onQueue?.(failure),
    });
    // Stopped first: nothing new comes in while the rest drains.
    loops.unshift(intake);
  }

  return {
    integration,
    aws,
    backlog: () => readBacklog(pool, integration.id, { callsPerSecond: (operation) => aws.allowedPerSecond(operation) }),
    sync: async (kind, reason) => {
      // Before it is asked for: it may begin at once.
      const next = syncer.next(kind);
      const ask = kind === 'full' ? askFullSync : askLightSync;
      await ask(pool, integration.id, reason);
      sync.wake();
      return next;
    },
    published: async () => {
      await publisher.flush();
    },
    hasSynced: () => !syncer.isBaseline(),
    wake,
    stop: async ({ atOnce } = { atOnce: false }) => {
      if (atOnce) {
        await Promise.all([...loops.map((loop) => loop.stop()), worker.stop()]);
        return;
      }
      for (const loop of loops) await loop.stop();
      await worker.stop();
      await publisher
        .flush()
        .catch((error: unknown) => logger.warn({ err: error }, 'Observations stay unpublished until the next start'));
    },
  };
}
