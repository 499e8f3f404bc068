import type { Queryable } from '@orgtrail/database';
import type { Replica } from './announce-replica.js';

/** Frees what former processes of this name held: they are over, since this one has begun. */
export async function withdrawPredecessors(database: Queryable, { id, name }: Replica): Promise<void> {
  await database.query(
    `WITH former AS (DELETE FROM discovery.replicas WHERE name = $2 AND replica_id <> $1 RETURNING replica_id)
     DELETE FROM discovery.claims AS claim USING former WHERE claim.replica_id = former.replica_id`,
    [id, name],
  );
}

/** The replica ends: what it held is free at once. */
export async function withdrawReplica(database: Queryable, { id }: Replica): Promise<void> {
  await database.query(
    `WITH withdrawn AS (DELETE FROM discovery.replicas WHERE replica_id = $1)
     DELETE FROM discovery.claims WHERE replica_id = $1`,
    [id],
  );
}
