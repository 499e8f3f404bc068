import type { Queryable } from '@orgtrail/database';

/** Asks for a full sync. Asking again before it starts changes nothing but the reason. */
export async function askFullSync(database: Queryable, integrationId: string, reason: string): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations SET full_sync_ask = nextval('discovery.asks'), full_sync_reason = $2 WHERE id = $1`,
    [integrationId, reason],
  );
}

/** Up to a tenth earlier, by chance but the same for every replica: integrations do not sync together. */
const jitter = `(1 - (hashtext(id::text || last_full_sync_at::text) & 1023) / 10230.0)`;

export interface FullSyncClaim {
  reason: string;
  /** The asking that this sync answers, if it was asked for. */
  ask?: string;
  isBaseline: boolean;
}

/**
 * Claims the next full sync when one is asked for, when none completed yet, when one was broken off, or when the last one is older than
 * the interval. One replica at a time, for economy.
 */
export async function claimFullSync(
  database: Queryable,
  integrationId: string,
  options: { intervalSeconds?: number | undefined; leaseSeconds: number; firstSync: boolean },
): Promise<FullSyncClaim | undefined> {
  const { rows } = await database.query<{ full_sync_reason: string | null; full_sync_ask: string | null; is_baseline: boolean }>(
    `UPDATE discovery.integrations
        SET full_sync_lease_until = clock_timestamp() + make_interval(secs => $3)
      WHERE id = $1
        AND (full_sync_lease_until IS NULL OR full_sync_lease_until < clock_timestamp())
        -- A lease that ran out and was never given back: the sync was broken off with its process.
        AND (full_sync_ask IS NOT NULL OR baseline_at IS NULL OR $4 OR full_sync_lease_until IS NOT NULL
             OR ($2::double precision IS NOT NULL AND last_full_sync_at < clock_timestamp() - make_interval(secs => $2 * ${jitter})))
  RETURNING full_sync_reason, full_sync_ask, baseline_at IS NULL AS is_baseline`,
    [integrationId, options.intervalSeconds ?? null, options.leaseSeconds, options.firstSync],
  );
  const row = rows[0];
  if (!row) return undefined;
  return {
    reason: row.is_baseline ? 'first' : (row.full_sync_reason ?? (options.firstSync ? 'start' : 'schedule')),
    ...(row.full_sync_ask === null ? {} : { ask: row.full_sync_ask }),
    isBaseline: row.is_baseline,
  };
}

/** Keeps the lease while a sync takes long. */
export async function renewFullSyncLease(database: Queryable, integrationId: string, leaseSeconds: number): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations SET full_sync_lease_until = clock_timestamp() + make_interval(secs => $2) WHERE id = $1`,
    [integrationId, leaseSeconds],
  );
}

/** Gives the lease back; the asking is answered only if nobody asked again meanwhile and the sync did not fail. */
export async function releaseFullSync(
  database: Queryable,
  integrationId: string,
  claim: { ask?: string | undefined; succeeded: boolean },
): Promise<void> {
  await database.query(
    `UPDATE discovery.integrations
        SET full_sync_lease_until = NULL,
            full_sync_ask = CASE WHEN $3 AND full_sync_ask = $2::bigint THEN NULL ELSE full_sync_ask END
      WHERE id = $1`,
    [integrationId, claim.ask ?? null, claim.succeeded],
  );
}
