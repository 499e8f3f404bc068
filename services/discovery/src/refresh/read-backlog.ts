import type { Queryable } from '@orgtrail/database';
import { planReads } from './plan-reads.js';
import { countRequests, type RequestCounts } from './sql/due-requests.js';
import { organizationSize } from './sql/organization-size.js';
import { arePathsGiven } from './sql/paths-given.js';

export interface Backlog extends Omit<RequestCounts, 'dueByLane' | 'dueEventsByLane'> {
  /** What is due takes at least so long, by the cheapest reads at our share of AWS's rates. */
  expectedSeconds: number;
}

export async function readBacklog(
  database: Queryable,
  integrationId: string,
  { callsPerSecond }: { callsPerSecond(operation: string): number },
): Promise<Backlog> {
  const { dueByLane, dueEventsByLane: _events, ...counts } = await countRequests(database, integrationId);
  if (counts.due === 0) return { ...counts, expectedSeconds: 0 };
  const size = await organizationSize(database, integrationId);
  const pathsGiven = await arePathsGiven(database, integrationId);
  const { seconds } = planReads({ due: dueByLane, size, pathsGiven, callsPerSecond });
  return { ...counts, expectedSeconds: Math.ceil(seconds) };
}
