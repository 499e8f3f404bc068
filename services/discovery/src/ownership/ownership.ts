import { randomUUID } from 'node:crypto';
import type { Logger } from '@orgtrail/service-runtime';
import type pg from 'pg';
import type { DiscoveryMetrics } from '../proof/metrics.js';
import { fairShare } from './fair-share.js';
import { announceReplica, countReplicas, type Replica } from './sql/announce-replica.js';
import { claimIntegrations, releaseClaim, renewClaims } from './sql/claim-integrations.js';
import { withdrawPredecessors, withdrawReplica } from './sql/withdraw-replicas.js';

export interface OwnershipOptions {
  pool: pg.Pool;
  logger: Logger;
  metrics: Pick<DiscoveryMetrics, 'leaseTransition' | 'observeOwned'>;
  /** A process that starts takes over at once what an earlier one of the same name held. Absent: a name that nobody else has. */
  name?: string | undefined;
  leaseSeconds?: number | undefined;
  /** It listens for posted events. Default false. */
  takesPosts?: boolean | undefined;
  /** False for a process that reads once: it has only what it claims by name, and the others share as if it were not there. Default true. */
  shares?: boolean | undefined;
  /** Milliseconds, monotonic. */
  now?: () => number;
}

/** Which integrations this replica watches. Leases are for economy, versions are for correctness (invariant 3). */
export interface Ownership {
  /** Joins the replicas. */
  start(): Promise<void>;
  /** Renews the leases, and claims what is free of these, up to the fair share. */
  round(integrationIds: readonly string[]): Promise<void>;
  /** Claims this one at once, whatever the share. Resolves to whether it is ours. */
  claim(integrationId: string): Promise<boolean>;
  /** False as soon as the lease has run out by our own clock, whatever the database would say. */
  owns(integrationId: string): boolean;
  /** What was claimed and not given up, the oldest claim first. */
  held(): string[];
  /** What is beyond the fair share: to be stopped, and then released. */
  surplus(): string[];
  release(integrationId: string): Promise<void>;
  /** Gives up what could not be renewed in time, without asking the database. */
  forfeit(integrationId: string): void;
  /** Leaves: what is still held is free at once. */
  stop(): Promise<void>;
}

const usualLeaseSeconds = 15;

export function createOwnership({ pool, logger, metrics, ...options }: OwnershipOptions): Ownership {
  const { leaseSeconds = usualLeaseSeconds, shares = true, now = () => performance.now() } = options;
  const id = randomUUID();
  const replica: Replica = { id, name: options.name ?? id, takesPosts: options.takesPosts ?? false };
  const leaseMs = leaseSeconds * 1000;
  /** When each lease runs out by our clock, the oldest claim first. */
  const held = new Map<string, number>();
  let renewedAt = -Infinity;
  let share = Infinity;
  let unobserve: (() => void) | undefined;

  const owns = (integrationId: string): boolean => (held.get(integrationId) ?? -Infinity) > now();
  const took = (ids: readonly string[], askedAt: number): void => {
    for (const integrationId of ids) {
      held.set(integrationId, askedAt + leaseMs);
      metrics.leaseTransition('claimed');
      logger.info({ integrationId, replica: replica.name }, 'This replica watches the integration from now on');
    }
  };
  const lose = (integrationId: string): void => {
    if (!held.delete(integrationId)) return;
    metrics.leaseTransition('lost');
    logger.warn(
      { integrationId, replica: replica.name },
      'The lease of an integration was lost: another replica may watch it from now on',
    );
  };
  const renew = async (): Promise<void> => {
    // By the time before asking: the database's lease never ends before ours.
    const askedAt = now();
    await announceReplica(pool, replica, shares ? leaseSeconds : 0);
    const kept = new Set(await renewClaims(pool, replica, { held: [...held.keys()], leaseSeconds }));
    for (const integrationId of [...held.keys()]) {
      if (kept.has(integrationId)) held.set(integrationId, askedAt + leaseMs);
      else lose(integrationId);
    }
    renewedAt = askedAt;
  };

  return {
    start: async () => {
      await withdrawPredecessors(pool, replica);
      unobserve = metrics.observeOwned(() => held.size);
      await renew();
    },
    round: async (integrationIds) => {
      if (now() - renewedAt >= leaseMs / 3) await renew();
      if (!shares) return;
      share = fairShare({ integrations: integrationIds.length, replicas: await countReplicas(pool) });
      const room = share - held.size;
      if (room < 1) return;
      const askedAt = now();
      took(await claimIntegrations(pool, replica, { among: integrationIds, limit: room, leaseSeconds }), askedAt);
    },
    claim: async (integrationId) => {
      if (owns(integrationId)) return true;
      const askedAt = now();
      took(await claimIntegrations(pool, replica, { among: [integrationId], limit: 1, leaseSeconds }), askedAt);
      return owns(integrationId);
    },
    owns,
    held: () => [...held.keys()],
    // The newest go: they have the least behind them.
    surplus: () => [...held.keys()].slice(share),
    release: async (integrationId) => {
      if (!held.delete(integrationId)) return;
      await releaseClaim(pool, replica, integrationId);
      metrics.leaseTransition('released');
    },
    forfeit: lose,
    stop: async () => {
      held.clear();
      unobserve?.();
      await withdrawReplica(pool, replica);
    },
  };
}
