import type { Queryable } from '@orgtrail/database';

/** Whether a replica that lives listens for posted events. One of a version that does not say may. */
export async function postsAreTaken(database: Queryable): Promise<boolean> {
  const { rows } = await database.query<{ taken: boolean | null }>(
    `SELECT bool_or(takes_posts IS NOT FALSE) AS taken FROM discovery.replicas WHERE seen_until > clock_timestamp()`,
  );
  return rows[0]?.taken ?? false;
}
