import { randomUUID } from 'node:crypto';
import type { AwsConnection } from '@orgtrail/aws';
import { migrate } from '@orgtrail/database';
import type { Bus } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import type { Component, Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { receiveOnce } from './intake/queue-intake.js';
import type { Integration } from './integrations/integration.js';
import { recogniseOrganization } from './integrations/recognise-organization.js';
import { registerIntegration } from './integrations/sql/register-integration.js';
import { startLoop, type Loop } from './loop.js';
import { migrations } from './migrations/index.js';
import { createPublisher, type Publisher } from './observed/publisher.js';
import { raiseClock } from './observed/sql/raise-clock.js';
import type { DiscoveryMetrics } from './proof/metrics.js';
import { purgeExpired } from './proof/sql/purge-expired.js';
import { settleMissedChanges } from './proof/sql/settle-found-changes.js';
import type { ConfirmationPolicy } from './refresh/decide-settlement.js';
import type { FullSyncSummary } from './refresh/full-sync.js';
import { createFullSyncer, type FullSyncer } from './refresh/full-syncer.js';
import type { ListingProgress } from './refresh/list-organization.js';
import { refreshDue } from './refresh/refresh-worker.js';
import { askFullSync } from './refresh/sql/full-sync-asks.js';
import { readBacklog, type Backlog } from './refresh/sql/due-requests.js';

export interface DiscoveryOptions {
  pool: pg.Pool;
  bus: Bus;
  aws: AwsConnection;
  logger: Logger;
  metrics: DiscoveryMetrics;
  settings: {
    /** The integration's name; the management account's display name. */
    name: string;
    configureOrganizationAccounts: boolean;
    forwardingAccountIds: readonly string[];
    /** The management account's queue. Absent: full syncs only. */
    queueUrl?: string | undefined;
    /** Absent: no scheduled full syncs. */
    fullSyncIntervalSeconds?: number | undefined;
    /** How long an event may be late before a found change counts as missed. */
    missedChangeWindowSeconds: number;
    confirmation: ConfirmationPolicy;
  };
  onProgress?(progress: ListingProgress): void;
  onFullSync?(result: { summary?: FullSyncSummary; error?: unknown; reason: string }): void;
}

export interface Discovery extends Component {
  /** The integration that was recognised and registered at start. */
  integration(): Integration;
  backlog(): Promise<Backlog>;
  /** Runs a full sync now (or joins the one that runs) and resolves with what it found. */
  fullSync(reason: string): Promise<FullSyncSummary>;
  /** Resolves when everything that was merged is acknowledged by the bus. */
  published(): Promise<void>;
}

/** More than this and somebody's clock was wrong: versions would stay ahead of the time for long. */
const clockAheadAlarmSeconds = 3600;

/** Reads one organization: events and schedules in, observations out. */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { pool, bus, aws, logger, settings, metrics } = options;
  const loops: Loop[] = [];
  let integration: Integration | undefined;
  let publisher: Publisher | undefined;
  let fullSyncer: FullSyncer | undefined;
  let intakeFailure: unknown;

  const recognised = (): Integration => {
    if (!integration) throw new Error('Discovery has not started.');
    return integration;
  };

  const start = async (): Promise<void> => {
    await migrate(pool, { schema: 'discovery', migrations });
    const { organization, isManagementAccount } = await recogniseOrganization(aws.reader('sync'));
    const { id } = await registerIntegration(pool, {
      newId: randomUUID(),
      name: settings.name,
      organizationId: organization.id,
      partition: organization.partition,
      managementAccountId: organization.managementAccountId,
    });
    integration = {
      id,
      name: settings.name,
      organizationId: organization.id,
      partition: organization.partition,
      managementAccountId: organization.managementAccountId,
      configureOrganizationAccounts: settings.configureOrganizationAccounts,
      forwardingAccountIds: settings.forwardingAccountIds,
    };
    const ahead = await raiseClock(pool, id);
    if (ahead > clockAheadAlarmSeconds) {
      logger.error(
        { aheadSeconds: Math.round(ahead) },
        'The version clock is far ahead of the time: a clock was wrong once. Versions go on from there',
      );
    }
    if (!isManagementAccount && settings.queueUrl) {
      logger.warn({}, "These credentials are a delegated administrator's: events must come from the management account's queue");
    }
    await bus.ensureTopics([{ topic: topics.observations, partitions: 6 }]);
    startLoops(integration);
    logger.info({ organizationId: organization.id, integrationId: id }, 'Discovery watches the organization');
  };

  const startLoops = (watched: Integration): void => {
    const publishing = createPublisher({ pool, bus, integration: watched, onPublished: (count) => metrics.published(count) });
    const publish = startLoop({ name: 'publish', round: () => publishing.flush(), restMs: 1000, logger });
    publisher = publishing;
    const onMerged = () => publish.wake();

    const syncer = createFullSyncer({
      pool,
      integration: watched,
      reader: aws.reader('sync'),
      settings,
      metrics,
      logger,
      onMerged,
      onSynced: (result) => {
        refresh.wake();
        options.onFullSync?.(result);
      },
      ...(options.onProgress ? { onProgress: (progress: ListingProgress) => options.onProgress?.(progress) } : {}),
    });
    fullSyncer = syncer;
    const refresh = startLoop({
      name: 'refresh',
      round: () =>
        refreshDue({
          pool,
          integration: watched,
          reader: (priority) => aws.reader(priority),
          policy: settings.confirmation,
          isBaseline: () => syncer.isBaseline(),
          metrics,
          logger,
          onMerged,
        }),
      restMs: 500,
      logger,
    });
    const sync = startLoop({ name: 'full-sync', round: () => syncer.syncWhenDue(), restMs: 1000, logger });
    const proof = startLoop({
      name: 'proof',
      round: async () => {
        await purgeExpired(pool);
        const missed = await settleMissedChanges(pool, watched.id, settings.missedChangeWindowSeconds);
        for (const { kind, count } of missed) {
          metrics.missedChanges(kind, count);
          logger.warn({ kind, count }, 'Changes were found by a full sync that no event had named: events are missing');
        }
        return 0;
      },
      restMs: Math.min(30_000, settings.missedChangeWindowSeconds * 500),
      logger,
    });
    loops.push(sync, refresh, proof, publish);
    if (settings.queueUrl) {
      const queue = aws.queue(settings.queueUrl);
      const intake = startLoop({
        name: 'intake',
        round: async (signal) => {
          await receiveOnce({
            pool,
            integration: watched,
            queue,
            metrics,
            logger,
            signal,
            onHints: () => {
              refresh.wake();
              sync.wake();
            },
          });
          // A long poll is the rest.
          return 1;
        },
        restMs: 0,
        logger,
        onOutcome: (error) => {
          intakeFailure = error;
        },
      });
      // Stopped first: nothing new comes in while the rest drains.
      loops.unshift(intake);
    }
  };

  return {
    name: 'discovery',
    start,
    stop: async () => {
      for (const loop of loops.splice(0)) await loop.stop();
      if (publisher)
        await publisher
          .flush()
          .catch((error: unknown) => logger.warn({ err: error }, 'Observations stay unpublished until the next start'));
    },
    checks: {
      integration: () => void recognised(),
      queue: () => {
        if (intakeFailure !== undefined) throw new Error('The event queue cannot be read.', { cause: intakeFailure });
      },
      'full-sync': () => {
        if (!fullSyncer || fullSyncer.isBaseline()) throw new Error('The first full sync has not completed.');
      },
    },
    integration: recognised,
    backlog: () => readBacklog(pool, recognised().id),
    fullSync: async (reason) => {
      if (!fullSyncer) throw new Error('Discovery has not started.');
      await askFullSync(pool, recognised().id, reason);
      return fullSyncer.next();
    },
    published: async () => {
      await publisher?.flush();
    },
  };
}
