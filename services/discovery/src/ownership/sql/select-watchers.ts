import type { Queryable } from '@orgtrail/database';

export interface Watcher {
  /** Name of the replica. */
  replica: string;
  since: Date;
}

/** Who watches each integration that is watched. */
export async function selectWatchers(database: Queryable): Promise<ReadonlyMap<string, Watcher>> {
  const { rows } = await database.query<{ integration_id: string; name: string; since: Date }>(
    `SELECT claim.integration_id, replica.name, claim.since
       FROM discovery.claims AS claim JOIN discovery.replicas AS replica USING (replica_id)
      WHERE claim.until > clock_timestamp()`,
  );
  return new Map(rows.map(({ integration_id, name, since }) => [integration_id, { replica: name, since }]));
}
