import type { Queryable } from '@orgtrail/database';
import type { SyncKind } from '../sync-kind.js';
import type { SyncProgress } from '../sync-progress.js';

/** Up to a tenth earlier, by chance but the same for every replica: integrations do not sync together. */
const jitter = `(1 - (hashtext(id::text || last_full_sync_at::text) & 1023) / 10230.0)`;

export interface SyncSchedule {
  /** Seconds between full syncs; undefined: no schedule. */
  intervalSeconds?: number | undefined;
  /** So many light ones in between, evenly spread. */
  lightSyncsBetween: number;
  /** A full one is due in any case. */
  syncNow: boolean;
}

export interface SyncClaim {
  id: string;
  kind: SyncKind;
  reason: string;
  /** The askings that this sync answers: a full one answers both. */
  fullSyncAsk?: string;
  lightSyncAsk?: string;
  isBaseline: boolean;
}

/**
 * Claims the next sync: a full one when one is asked for, when none completed yet, when one was begun and did not succeed (its process was
 * killed, perhaps), or when the last one is older than the interval; else a light one, likewise. One replica at a time, for economy.
 */
export async function claimSync(
  database: Queryable,
  integrationId: string,
  { intervalSeconds, lightSyncsBetween, syncNow, leaseSeconds }: SyncSchedule & { leaseSeconds: number },
): Promise<SyncClaim | undefined> {
  const { rows } = await database.query<{
    sync_claim: string;
    kind: SyncKind;
    reason: string;
    full_sync_ask: string | null;
    light_sync_ask: string | null;
    is_baseline: boolean;
  }>(
    `WITH due AS (
       SELECT id,
              CASE WHEN baseline_at IS NULL THEN 'first'
                   WHEN full_sync_ask IS NOT NULL THEN full_sync_reason
                   WHEN unfinished_sync = 'full' THEN 'unfinished'
                   WHEN $3 THEN 'start'
                   WHEN last_full_sync_at < clock_timestamp() - make_interval(secs => $2::double precision * ${jitter}) THEN 'schedule'
              END AS full_reason,
              CASE WHEN light_sync_ask IS NOT NULL THEN light_sync_reason
                   WHEN unfinished_sync = 'light' THEN 'unfinished'
                   WHEN $4::integer > 0 AND greatest(last_full_sync_at, last_light_sync_at)
                        < clock_timestamp() - make_interval(secs => $2::double precision * ${jitter} / ($4 + 1)) THEN 'schedule'
              END AS light_reason
         FROM discovery.integrations WHERE id = $1)
     UPDATE discovery.integrations AS integration
        SET full_sync_lease_until = clock_timestamp() + make_interval(secs => $5),
            sync_claim = nextval('discovery.asks'),
            unfinished_sync = CASE WHEN due.full_reason IS NOT NULL THEN 'full' ELSE 'light' END,
            sync_progress = NULL
       FROM due
      WHERE integration.id = due.id AND coalesce(due.full_reason, due.light_reason) IS NOT NULL
        AND (full_sync_lease_until IS NULL OR full_sync_lease_until < clock_timestamp())
  RETURNING sync_claim, unfinished_sync AS kind, coalesce(due.full_reason, due.light_reason) AS reason, full_sync_ask, light_sync_ask,
            baseline_at IS NULL AS is_baseline`,
    [integrationId, intervalSeconds ?? null, syncNow, lightSyncsBetween, leaseSeconds],
  );
  const row = rows[0];
  return (
    row && {
      id: row.sync_claim,
      kind: row.kind,
      reason: row.reason,
      ...(row.full_sync_ask === null ? {} : { fullSyncAsk: row.full_sync_ask }),
      ...(row.light_sync_ask === null ? {} : { lightSyncAsk: row.light_sync_ask }),
      isBaseline: row.is_baseline,
    }
  );
}

/** Keeps the lease while a sync takes long, and shows how far it is. False: somebody else has it by now. */
export async function renewSync(
  database: Queryable,
  integrationId: string,
  renewal: { claimId: string; leaseSeconds: number; progress: SyncProgress | undefined },
): Promise<boolean> {
  const { rowCount } = await database.query(
    `UPDATE discovery.integrations
        SET full_sync_lease_until = clock_timestamp() + make_interval(secs => $3), sync_progress = $4
      WHERE id = $1 AND sync_claim = $2`,
    [
      integrationId,
      renewal.claimId,
      renewal.leaseSeconds,
      renewal.progress === undefined ? null : JSON.stringify(renewal.progress),
    ],
  );
  return rowCount !== 0;
}

/**
 * Gives the lease back, if it is still ours. An asking is answered only if nobody asked again meanwhile and the sync succeeded; one that did
 * not stays due.
 */
export async function releaseSync(
  database: Queryable,
  integrationId: string,
  claim: SyncClaim & { succeeded: boolean },
): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations
        SET full_sync_lease_until = NULL,
            sync_claim = NULL,
            sync_progress = NULL,
            unfinished_sync = CASE WHEN $3 THEN NULL ELSE unfinished_sync END,
            full_sync_ask = CASE WHEN $3 AND $4 = 'full' AND full_sync_ask = $5::bigint THEN NULL ELSE full_sync_ask END,
            light_sync_ask = CASE WHEN $3 AND light_sync_ask = $6::bigint THEN NULL ELSE light_sync_ask END
      WHERE id = $1 AND sync_claim = $2`,
    [integrationId, claim.id, claim.succeeded, claim.kind, claim.fullSyncAsk ?? null, claim.lightSyncAsk ?? null],
  );
}
