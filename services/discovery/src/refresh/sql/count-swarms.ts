import type { Queryable } from '@orgtrail/database';
import type { Lane } from '../lanes.js';

export interface Swarm {
  lane: Lane;
  /** Requests of events that were not read yet. */
  open: number;
  /** Of them, asked for in the last three seconds. */
  fresh: number;
}

/** How much events ask for, by lane, and the database's time at that. */
export async function countSwarms(database: Queryable, integrationId: string): Promise<{ swarms: Swarm[]; at: Date }> {
  const { rows } = await database.query<Swarm & { at: Date }>(
    `SELECT lane, count(*)::int AS open, count(*) FILTER (WHERE asked_at > clock_timestamp() - interval '3 s')::int AS fresh,
            statement_timestamp() AS at
       FROM discovery.refresh_requests WHERE integration_id = $1 AND urgency = 0 GROUP BY lane`,
    [integrationId],
  );
  return { swarms: rows, at: rows[0]?.at ?? new Date(0) };
}
