import type { Queryable } from '@orgtrail/database';

export interface Replica {
  /** Random for each process. */
  id: string;
  name: string;
  /** It listens for posted events. */
  takesPosts: boolean;
}

/** Says that the replica lives, for as long as a lease. Forgets those that were not seen for a day. */
export async function announceReplica(
  database: Queryable,
  { id, name, takesPosts }: Replica,
  leaseSeconds: number,
): Promise<void> {
  await database.query(
    `INSERT INTO discovery.replicas (replica_id, name, seen_until, takes_posts)
     VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3), $4)
         ON CONFLICT (replica_id) DO UPDATE SET seen_until = excluded.seen_until`,
    [id, name, leaseSeconds, takesPosts],
  );
  await database.query(`DELETE FROM discovery.replicas WHERE seen_until < clock_timestamp() - interval '1 day'`);
}

export async function countReplicas(database: Queryable): Promise<number> {
  const { rows } = await database.query<{ live: number }>(
    `SELECT count(*)::int AS live FROM discovery.replicas WHERE seen_until > clock_timestamp()`,
  );
  return rows[0]?.live ?? 0;
}
