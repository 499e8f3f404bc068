import type { Queryable } from '@orgtrail/database';
import { planReads, type PlanningFacts } from './plan-reads.js';
import { countRequests, type RequestCounts } from './sql/due-requests.js';
import { organizationSize } from './sql/organization-size.js';
import { arePathsGiven } from './sql/paths-given.js';

export interface Backlog extends Omit<RequestCounts, 'dueByLane' | 'dueEventsByLane'> {
  /** What is due takes at least so long, by the cheapest reads at our share of AWS's rates. */
  expectedSeconds: number;
}

interface Rates {
  callsPerSecond(operation: string): number;
}

export async function readBacklog(database: Queryable, integrationId: string, rates: Rates): Promise<Backlog> {
  const { dueByLane, dueEventsByLane: _events, ...counts } = await countRequests(database, integrationId);
  return { ...counts, expectedSeconds: await secondsFor(database, integrationId, { due: dueByLane, ...rates }) };
}

/** Of the backlog, what events ask for and nobody has read yet. */
export async function readEventBacklog(
  database: Queryable,
  integrationId: string,
  rates: Rates,
): Promise<Pick<Backlog, 'due' | 'expectedSeconds'>> {
  const { dueEventsByLane } = await countRequests(database, integrationId);
  return {
    due: Object.values(dueEventsByLane).reduce((sum, due) => sum + due, 0),
    expectedSeconds: await secondsFor(database, integrationId, { due: dueEventsByLane, ...rates }),
  };
}

async function secondsFor(
  database: Queryable,
  integrationId: string,
  facts: Pick<PlanningFacts, 'due' | 'callsPerSecond'>,
): Promise<number> {
  if (Object.keys(facts.due).length === 0) return 0;
  const size = await organizationSize(database, integrationId);
  const pathsGiven = await arePathsGiven(database, integrationId);
  return Math.ceil(planReads({ ...facts, size, pathsGiven }).seconds);
}
