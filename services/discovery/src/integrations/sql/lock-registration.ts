import type { Queryable } from '@orgtrail/database';

/** Until the transaction ends: replicas that start at once make one integration of an organization. */
export async function lockRegistration(database: Queryable, organizationId: string): Promise<void> {
  await database.query(`SELECT pg_advisory_xact_lock(hashtext('orgtrail register ' || $1::text))`, [organizationId]);
}
