import type { AwsConnection, AwsConnectionOptions, RoleVerifier } from '@orgtrail/aws';
import type { Bus } from '@orgtrail/messaging';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { describeCondition, failureOf, queueFailureOf } from './integrations/describe-condition.js';
import { intermediateRoleOf, recognised, verifierSettingsOf, type StoredIntegration } from './integrations/integration.js';
import { recogniseOrganization } from './integrations/recognise-organization.js';
import { endOverlap } from './integrations/rotate-external-id.js';
import { hasBaseline } from './integrations/sql/has-baseline.js';
import { removedButUnpublished } from './integrations/sql/forget-removed.js';
import { selectIntegration, selectIntegrations } from './integrations/sql/select-integrations.js';
import { updateCondition, updateRecognition } from './integrations/sql/update-integration.js';
import { publishPending } from './observed/publish-pending.js';
import { raiseClock } from './observed/sql/raise-clock.js';
import { createOwnership, ownEverything } from './ownership/ownership.js';
import type { DiscoveryMetrics } from './proof/metrics.js';
import type { SyncProgress } from './refresh/sync-progress.js';
import type { SyncEnd } from './refresh/syncer.js';
import { untilAborted } from './until-aborted.js';
import { startWatch, type ProcessSettings, type Watch } from './watch.js';

/** By which role an organization is reached. Nothing: by ambient credentials. */
export type RoleSettings = Pick<
  AwsConnectionOptions,
  'roleArn' | 'externalId' | 'previousExternalId' | 'intermediateRole' | 'sharesBudgetOf'
>;

/** Who assumes the roles of members, and in which partition. */
export type VerifierSettings = Pick<AwsConnectionOptions, 'intermediateRole' | 'partition'>;

export interface SupervisorOptions {
  pool: pg.Pool;
  bus: Bus;
  connect(role: RoleSettings): AwsConnection;
  verifier(role: VerifierSettings): RoleVerifier;
  logger: Logger;
  metrics: DiscoveryMetrics;
  process: ProcessSettings;
  /** This process among those that share the integrations, as `createOwnership` takes it. */
  replica?: { name?: string; leaseSeconds?: number };
  onProgress?(progress: SyncProgress): void;
  onSynced?(result: SyncEnd): void;
}

/** Sees to it that every active integration is watched by one replica, with its current settings, and nothing else is. */
export interface Supervisor {
  /** Joins the replicas that share the integrations. */
  start(): Promise<void>;
  /** Claims this integration, whatever the fair share. Resolves to whether it is ours to watch. */
  claim(integrationId: string): Promise<boolean>;
  /** Looks at all integrations once. */
  round(): Promise<number>;
  /** Watches an integration that AWS has recognised through this connection. */
  begin(stored: StoredIntegration, aws: AwsConnection, start?: { syncs: boolean }): Promise<void>;
  watches(): ReadonlyMap<string, Watch>;
  /** Calls of AWS so far, by operation. */
  calls(): Record<string, number>;
  stop(): Promise<void>;
}

interface Watched {
  stored: StoredIntegration;
  heldDeletions: number;
  tellCondition(): void;
  watch: Watch;
  verifier: RoleVerifier;
}

/** More than this and somebody's clock was wrong: versions would stay ahead of the time for long. */
const clockAheadAlarmSeconds = 3600;
const longestRetryMs = 60_000;
const leaseCheckMs = 1000;

/** The role of an integration, as a connection takes it. */
export function roleOf({ settings, externalId, previousExternalId }: StoredIntegration): RoleSettings {
  return {
    ...(settings.roleArn === null ? {} : { roleArn: settings.roleArn }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(previousExternalId === undefined ? {} : { previousExternalId: previousExternalId.value }),
    ...intermediateRoleOf(settings),
  };
}

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { pool, bus, logger } = options;
  const watched = new Map<string, Watched>();
  /** Integrations that are being started or stopped. */
  const busy = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const ownership =
    options.process.readOnce === true
      ? ownEverything()
      : createOwnership({ pool, logger, metrics: options.metrics, ...options.replica });
  let leaseCheck: NodeJS.Timeout | undefined;
  let unobserve: (() => void) | undefined;
  const retryAt = new Map<string, { at: number; failures: number; settingsVersion: string }>();
  const pastCalls: Record<string, number> = {};

  const begin: Supervisor['begin'] = async (stored, aws, start = { syncs: false }) => {
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
    let syncFailure: unknown;
    let queueFailure: unknown;
    // Whoever cannot read the organization, or hears no events any more, must not look connected.
    const conditionNow = async () => {
      if (syncFailure !== undefined) return failureOf(syncFailure);
      // What the last sync could not read stands in the row.
      const now = (await selectIntegration(pool, stored.id)) ?? stored;
      return queueFailure === undefined ? describeCondition(now) : queueFailureOf(queueFailure, now);
    };
    const tellCondition = (): void => {
      void conditionNow()
        .then((condition) => updateCondition(pool, stored.id, condition))
        .catch((error: unknown) =>
          logger.warn({ integrationId: stored.id, err: error }, 'The condition of an integration could not be stored'),
        );
    };
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
      metrics: options.metrics,
      process: options.process,
      start: { ...start, isBaseline },
      ...(options.onProgress ? { onProgress: (progress: SyncProgress) => options.onProgress?.(progress) } : {}),
      onSynced: (result) => {
        syncFailure = result.error;
        tellCondition();
        options.onSynced?.(result);
      },
      onQueue: (failure) => {
        queueFailure = failure;
        tellCondition();
      },
    });
    watched.set(stored.id, { stored, heldDeletions: 0, tellCondition, watch, verifier });
    logger.info({ organizationId: integration.organizationId, integrationId: stored.id }, 'Discovery watches the organization');
  };

  const end = async (id: string): Promise<void> => {
    const entry = watched.get(id);
    if (!entry) return;
    await entry.watch.stop();
    watched.delete(id);
    for (const [operation, count] of Object.entries(callsOf(entry))) pastCalls[operation] = (pastCalls[operation] ?? 0) + count;
    entry.watch.aws.destroy();
    entry.verifier.destroy();
  };

  /** Asks AWS whose credentials these are, and begins to watch. A refusal is the integration's condition, and is tried again. */
  const recogniseAndBegin = async (stored: StoredIntegration): Promise<void> => {
    const aws = options.connect(roleOf(stored));
    try {
      const { organization, isManagementAccount } = await untilAborted(
        recogniseOrganization(aws.reader('sync', stopping.signal)),
        stopping.signal,
      );
      if (stored.organizationId !== undefined && stored.organizationId !== organization.id) {
        throw new Error(
          `The role leads to organization ${organization.id}, but this integration is for ${stored.organizationId}. Correct the role, or create another integration.`,
        );
      }
      await updateRecognition(pool, stored.id, {
        organizationId: organization.id,
        partition: organization.partition,
        managementAccountId: organization.managementAccountId,
        isManagementAccount,
      });
      const known = await selectIntegration(pool, stored.id);
      if (known?.state !== 'active') throw new Error('The integration was paused or removed meanwhile.');
      if (!ownership.owns(stored.id)) throw new Error('The lease ran out meanwhile.');
      await begin(known, aws);
      retryAt.delete(stored.id);
    } catch (error) {
      aws.destroy();
      if (stopping.signal.aborted) return;
      const failures = (retryAt.get(stored.id)?.failures ?? 0) + 1;
      const waitMs = Math.min(2_000 * 2 ** Math.min(failures, 10), longestRetryMs);
      retryAt.set(stored.id, { at: Date.now() + waitMs, failures, settingsVersion: stored.settingsVersion });
      logger.warn({ integrationId: stored.id, err: error }, 'An integration cannot be watched yet, and is tried again');
      await updateCondition(pool, stored.id, failureOf(error));
    }
  };

  const isDue = ({ id, settingsVersion }: StoredIntegration): boolean => {
    const retry = retryAt.get(id);
    return retry?.settingsVersion !== settingsVersion || Date.now() >= retry.at;
  };

  /** Stops what is ours, and lets another replica have it. */
  const giveBack = async (id: string): Promise<void> => {
    await end(id);
    retryAt.delete(id);
    await ownership.release(id);
  };

  const noticeHeldDeletions = (entry: Watched, { id, heldDeletions = 0 }: StoredIntegration): void => {
    if (entry.heldDeletions === heldDeletions) return;
    entry.heldDeletions = heldDeletions;
    entry.tellCondition();
    if (heldDeletions > 0) {
      logger.warn({ integrationId: id, heldDeletions }, 'Deletions wait for an operator: too many that no event announced');
    }
  };

  const superviseOne = async (stored: StoredIntegration, { isSurplus }: { isSurplus: boolean }): Promise<void> => {
    const entry = watched.get(stored.id);
    if (stored.state === 'paused') {
      await giveBack(stored.id);
      await updateCondition(pool, stored.id, describeCondition(stored));
      return;
    }
    if (isSurplus) return giveBack(stored.id);
    if (!ownership.owns(stored.id)) return end(stored.id);
    if (stored.previousExternalId && stored.previousExternalId.validUntil <= new Date()) {
      await endOverlap(pool, stored.id);
      return;
    }
    if (entry?.stored.settingsVersion === stored.settingsVersion) {
      noticeHeldDeletions(entry, stored);
      return;
    }
    if (!isDue(stored)) return;
    await end(stored.id);
    await recogniseAndBegin(stored);
  };

  const round = async (): Promise<number> => {
    const integrations = await selectIntegrations(pool);
    await ownership.round(integrations.filter(({ state }) => state === 'active').length);
    const surplus = new Set(ownership.surplus());
    for (const stored of integrations) {
      if (busy.has(stored.id)) continue;
      startBusy(stored.id, superviseOne(stored, { isSurplus: surplus.has(stored.id) }));
    }
    const present = new Set(integrations.map(({ id }) => id));
    for (const id of new Set([...watched.keys(), ...ownership.held()])) {
      if (!present.has(id) && !busy.has(id)) startBusy(id, giveBack(id));
    }
    for (const id of await removedButUnpublished(pool)) {
      const removed = await selectIntegration(pool, id);
      const integration = removed && recognised(removed);
      if (integration && !watched.has(id)) await publishPending(pool, bus, integration);
    }
    return 0;
  };
  const startBusy = (id: string, work: Promise<void>): void => {
    const settled = work
      .catch((error: unknown) =>
        logger.warn({ integrationId: id, err: error }, 'An integration could not be looked after, and is tried again'),
      )
      .finally(() => busy.delete(id));
    busy.set(id, settled);
  };

  /** By our own clock, since the database may be what is away: then somebody else watches soon. */
  const checkLeases = (): void => {
    for (const id of watched.keys()) {
      if (ownership.owns(id) || busy.has(id)) continue;
      ownership.forfeit(id);
      startBusy(id, end(id));
    }
  };

  return {
    start: async () => {
      await ownership.start();
      leaseCheck = setInterval(checkLeases, leaseCheckMs);
      unobserve = options.metrics.observeHeldDeletions(() => [...watched].map(([id, { heldDeletions }]) => [id, heldDeletions]));
    },
    claim: (id) => ownership.claim(id),
    round,
    begin,
    watches: () => new Map([...watched].map(([id, { watch }]) => [id, watch])),
    calls: () => {
      const sum = { ...pastCalls };
      for (const entry of watched.values()) {
        for (const [operation, count] of Object.entries(callsOf(entry))) sum[operation] = (sum[operation] ?? 0) + count;
      }
      return sum;
    },
    stop: async () => {
      stopping.abort();
      clearInterval(leaseCheck);
      unobserve?.();
      await Promise.all(busy.values());
      await Promise.all(
        [...watched.keys()].map(async (id) => {
          await end(id);
          await ownership.release(id).catch(() => undefined);
        }),
      );
      // Its leases run out by themselves otherwise.
      await ownership
        .stop()
        .catch((error: unknown) => logger.warn({ err: error }, 'This replica could not give back its leases'));
    },
  };
}

function callsOf({ watch, verifier }: Watched): Record<string, number> {
  const calls = { ...watch.aws.calls() };
  for (const [operation, count] of Object.entries(verifier.calls())) calls[operation] = (calls[operation] ?? 0) + count;
  return calls;
}
