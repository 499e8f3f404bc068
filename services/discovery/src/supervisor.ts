import type { AwsConnection } from '@orgtrail/aws';
import { describeCondition, failureOf } from './integrations/describe-condition.js';
import { recognised, type StoredIntegration } from './integrations/integration.js';
import { recogniseOrganization } from './integrations/recognise-organization.js';
import { createRetryTimes } from './integrations/retry-times.js';
import { roleOf, type RoleSettings } from './integrations/role-settings.js';
import { endOverlap } from './integrations/rotate-external-id.js';
import { removedButUnpublished } from './integrations/sql/forget-removed.js';
import { selectIntegration, selectReadableIntegrations } from './integrations/sql/select-integrations.js';
import { updateCondition, updateRecognition } from './integrations/sql/update-integration.js';
import { unreadableTeller } from './integrations/tell-unreadable.js';
import { publishPending } from './observed/publish-pending.js';
import { createOwnership } from './ownership/ownership.js';
import { untilAborted } from './until-aborted.js';
import type { Watch } from './watch.js';
import { beginWatch, callsOf, closeConnections, type Watched, type WatchingOptions } from './watched.js';

export interface SupervisorOptions extends WatchingOptions {
  connect(role: RoleSettings): AwsConnection;
  /** This process among those that share the integrations, as `createOwnership` takes it. */
  replica?: { name?: string; leaseSeconds?: number; takesPosts?: boolean };
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
  /** What this replica has claimed, whether or not it can be watched. */
  owned(): string[];
  /** Calls of AWS so far, by operation. */
  calls(): Record<string, number>;
  stop(): Promise<void>;
}

const leaseCheckMs = 1000;

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { pool, bus, logger } = options;
  const watched = new Map<string, Watched>();
  /** Integrations that are being started or stopped. */
  const busy = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  const tellUnreadable = unreadableTeller(
    logger,
    'The settings of an integration are not understood by this version: it is left to a replica that understands them',
  );
  const ownership = createOwnership({
    pool,
    logger,
    metrics: options.metrics,
    ...options.replica,
    shares: options.process.readOnce !== true,
  });
  let leaseCheck: NodeJS.Timeout | undefined;
  let unobserve: (() => void) | undefined;
  const retries = createRetryTimes();
  const pastCalls: Record<string, number> = {};

  const begin: Supervisor['begin'] = async (stored, aws, start = { syncs: false }) => {
    watched.set(stored.id, await beginWatch(options, { stored, aws, start }));
  };

  /** `atOnce`: the lease is lost, so no call may leave any more; what is under way goes on elsewhere. */
  const end = async (id: string, { atOnce }: { atOnce: boolean } = { atOnce: false }): Promise<void> => {
    const entry = watched.get(id);
    if (!entry) return;
    const stopped = entry.watch.stop({ atOnce });
    if (atOnce) closeConnections(entry);
    await stopped;
    if (!watched.delete(id)) return;
    for (const [operation, count] of Object.entries(callsOf(entry))) pastCalls[operation] = (pastCalls[operation] ?? 0) + count;
    closeConnections(entry);
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
      retries.forget(stored.id);
    } catch (error) {
      aws.destroy();
      if (stopping.signal.aborted) return;
      retries.failed(stored);
      logger.warn({ integrationId: stored.id, err: error }, 'An integration cannot be watched yet, and is tried again');
      await updateCondition(pool, stored.id, failureOf(error));
    }
  };

  /** Stops what is ours, and lets another replica have it. */
  const giveBack = async (id: string): Promise<void> => {
    await end(id);
    retries.forget(id);
    await ownership.release(id);
  };

  const noticeHeldDeletions = (entry: Watched, { id, heldDeletions = 0 }: StoredIntegration): void => {
    if (entry.heldDeletions === heldDeletions) return;
    entry.heldDeletions = heldDeletions;
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
    if (!ownership.owns(stored.id)) return end(stored.id, { atOnce: true });
    if (stored.previousExternalId && stored.previousExternalId.validUntil <= new Date()) {
      await endOverlap(pool, stored.id);
      return;
    }
    if (entry?.stored.settingsVersion === stored.settingsVersion) {
      entry.condition.notice(stored);
      noticeHeldDeletions(entry, stored);
      return;
    }
    if (!retries.isDue(stored)) return;
    await end(stored.id);
    await recogniseAndBegin(stored);
  };

  const round = async (): Promise<number> => {
    const { readable: integrations, unreadable } = await selectReadableIntegrations(pool);
    tellUnreadable(unreadable);
    await ownership.round(integrations.filter(({ state }) => state === 'active').map(({ id }) => id));
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
    for (const [id, entry] of watched) {
      if (ownership.owns(id) || entry.isLost) continue;
      entry.isLost = true;
      ownership.forfeit(id);
      const ended = end(id, { atOnce: true });
      // Whoever stops it in good order already goes on with that, and without AWS.
      if (busy.has(id)) ended.catch(() => undefined);
      else startBusy(id, ended);
    }
  };

  return {
    start: async () => {
      await ownership.start();
      leaseCheck = setInterval(checkLeases, leaseCheckMs);
      unobserve = options.metrics.observeHeldDeletions(() =>
        // A lost one may take long to stop, and somebody else knows better.
        [...watched].flatMap(([id, { heldDeletions }]) => (ownership.owns(id) ? [[id, heldDeletions] as const] : [])),
      );
    },
    claim: (id) => ownership.claim(id),
    round,
    begin,
    watches: () => new Map([...watched].map(([id, { watch }]) => [id, watch])),
    owned: () => ownership.held().filter((id) => ownership.owns(id)),
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
