import type { Queryable } from '@orgtrail/database';
import type { Replica } from './announce-replica.js';

/**
 * Claims up to `limit` of these integrations that are active and that nobody watches, each replica in an order of its own, so that they seldom want the same. Each goes to one replica, however many ask at once. Resolves to those that were claimed.
 */
export async function claimIntegrations(
  database: Queryable,
  replica: Replica,
  options: { among: readonly string[]; limit: number; leaseSeconds: number },
): Promise<string[]> {
  const { rows } = await database.query<{ integration_id: string }>(
    `INSERT INTO discovery.claims AS claim (integration_id, replica_id, until)
     SELECT integration.id, $1::uuid, clock_timestamp() + make_interval(secs => $2)
       FROM discovery.integrations AS integration
       LEFT JOIN discovery.claims AS held ON held.integration_id = integration.id
      WHERE integration.state = 'active' AND integration.id = ANY ($4::uuid[])
        AND (held.until IS NULL OR held.until <= clock_timestamp())
      ORDER BY hashtext(integration.id::text || $1::uuid::text)
      LIMIT $3
         ON CONFLICT (integration_id) DO UPDATE
            SET replica_id = excluded.replica_id, since = clock_timestamp(), until = excluded.until
          WHERE claim.until <= clock_timestamp()
  RETURNING integration_id`,
    [replica.id, options.leaseSeconds, options.limit, options.among],
  );
  return rows.map(({ integration_id }) => integration_id);
}

/** Keeps these for another lease. Resolves to those that are still the replica's: the others were taken by somebody else. */
export async function renewClaims(
  database: Queryable,
  replica: Replica,
  { held, leaseSeconds }: { held: readonly string[]; leaseSeconds: number },
): Promise<string[]> {
  if (held.length === 0) return [];
  const { rows } = await database.query<{ integration_id: string }>(
    `UPDATE discovery.claims SET until = clock_timestamp() + make_interval(secs => $2)
      WHERE replica_id = $1 AND integration_id = ANY ($3)
  RETURNING integration_id`,
    [replica.id, leaseSeconds, held],
  );
  return rows.map(({ integration_id }) => integration_id);
}

export async function releaseClaim(database: Queryable, replica: Replica, integrationId: string): Promise<void> {
  await database.query(`DELETE FROM discovery.claims WHERE integration_id = $1 AND replica_id = $2`, [integrationId, replica.id]);
}
