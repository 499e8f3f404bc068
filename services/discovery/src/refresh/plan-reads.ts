import type { Lane } from './lanes.js';
import type { OrganizationSize } from './sql/organization-size.js';

/**
 * How the requests of a lane are read: each by its own call; by one list of its kind; by a walk over the pages of ListAccounts, or over
 * the OUs, which answers all of the lane at once; by a full sync, which answers everything but tags (invariant 12).
 */
export type ReadWay = 'each' | 'list' | 'account-pages' | 'unit-walk' | 'full-sync';

export interface ReadPlan {
  /** For every lane in which something is due. */
  ways: ReadonlyMap<Lane, ReadWay>;
  calls: Calls;
  /** The plan takes at least so long: operations have budgets of their own, so the slowest one decides. */
  seconds: number;
}

export type Calls = Readonly<Record<string, number>>;

export interface PlanningFacts {
  /** How many requests of each lane are due. */
  due: Partial<Record<Lane, number>>;
  size: OrganizationSize;
  /** AWS says in ListAccounts, DescribeAccount and DescribeOrganizationalUnit where things hang. */
  pathsGiven: boolean;
  /** What the limiter lets through in the long run, bursts left aside. */
  callsPerSecond(operation: string): number;
  /** No full sync: the one that was to answer everything did not succeed. */
  withoutSync?: boolean;
}

const listPage = 20;
const tagIndexPage = 100;
const pages = (items: number, page = listPage): number => Math.max(1, Math.ceil(items / page));

/** The ways that cover a lane. The compiler asks for every lane; of tags only their own read is one. */
const waysOf: Record<Lane, readonly ReadWay[]> = {
  account: ['each', 'account-pages'],
  tags: ['each'],
  ou: ['each', 'unit-walk'],
  root: ['list'],
  organization: ['each'],
  delegation: ['list'],
  invitation: ['list'],
  expiry: ['list'],
};

/** The cheapest reads that cover everything that is due: those with the smallest time floor, and of equal ones the fewest calls. Pure. */
export function planReads(facts: PlanningFacts): ReadPlan {
  const dueLanes = (Object.keys(waysOf) as Lane[]).filter((lane) => (facts.due[lane] ?? 0) > 0);
  const ownWays = new Map(dueLanes.map((lane) => [lane, cheapestWay(lane, facts)]));
  const own = planOf(ownWays, facts);
  if (facts.withoutSync === true) return own;
  const bySync = planOf(new Map(dueLanes.map((lane) => [lane, lane === 'tags' ? 'each' : 'full-sync'])), facts);
  // A walk over accounts and one over OUs are a full sync in all but name; that one also heals the graph.
  const walksAll = [...ownWays.values()].includes('account-pages') && [...ownWays.values()].includes('unit-walk');
  return bySync.seconds < own.seconds || (walksAll && bySync.seconds === own.seconds) ? bySync : own;
}

function cheapestWay(lane: Lane, facts: PlanningFacts): ReadWay {
  // Without paths a walk over accounts does not tell where they hang.
  const [first = 'each', ...others] = waysOf[lane].filter((way) => way !== 'account-pages' || facts.pathsGiven);
  const alone = (way: ReadWay): ReadPlan => planOf(new Map([[lane, way]]), facts);
  return others.reduce((best, way) => (isCheaper(alone(way), alone(best)) ? way : best), first);
}

const isCheaper = (one: ReadPlan, other: ReadPlan): boolean =>
  one.seconds < other.seconds || (one.seconds === other.seconds && sum(one.calls) < sum(other.calls));
const sum = (calls: Calls): number => Object.values(calls).reduce((total, count) => total + count, 0);

/** What these ways take together. */
export function planOf(ways: ReadonlyMap<Lane, ReadWay>, facts: PlanningFacts): ReadPlan {
  const calls: Record<string, number> = {};
  const add = (more: Calls): void => {
    for (const [operation, count] of Object.entries(more)) calls[operation] = (calls[operation] ?? 0) + count;
  };
  if ([...ways.values()].includes('full-sync')) add(callsOfFullSync(facts));
  // One list of handshakes answers both.
  const listed = [...ways].filter(([lane]) => !(lane === 'expiry' && ways.has('invitation')));
  for (const [lane, way] of listed) if (way !== 'full-sync') add(callsOf(lane, way, facts));
  const seconds = Object.entries(calls).map(([operation, count]) => count / facts.callsPerSecond(operation));
  return { ways, calls, seconds: Math.max(0, ...seconds) };
}

function callsOf(lane: Lane, way: Exclude<ReadWay, 'full-sync'>, { due, size, pathsGiven }: PlanningFacts): Calls {
  const count = due[lane] ?? 0;
  const nodes = size.organizationalUnits + 1;
  const byParents: Calls = pathsGiven ? {} : { ListParents: count };
  switch (way) {
    case 'account-pages':
      return { ListAccounts: pages(size.accounts) };
    case 'unit-walk':
      return { ListOrganizationalUnitsForParent: nodes };
    case 'list':
    case 'each':
      break;
  }
  switch (lane) {
    case 'account':
      return { DescribeAccount: count, ...byParents };
    case 'ou':
      return { DescribeOrganizationalUnit: count, ...byParents };
    case 'tags':
      return { ListTagsForResource: count };
    case 'organization':
      return { DescribeOrganization: count };
    case 'root':
      return { ListRoots: 1 };
    case 'delegation':
      return { ListDelegatedAdministrators: pages(size.delegatedAdministrators), ListDelegatedServicesForAccount: count };
    case 'invitation':
    case 'expiry':
      return { ListHandshakesForOrganization: pages(size.invitations) };
  }
}

function callsOfFullSync({ size, pathsGiven }: PlanningFacts): Calls {
  const nodes = size.organizationalUnits + 1;
  return {
    DescribeOrganization: 1,
    ListRoots: 1,
    ListAccounts: pages(size.accounts),
    ListOrganizationalUnitsForParent: nodes,
    ...(pathsGiven ? {} : { ListAccountsForParent: nodes }),
    GetResources: pages(size.accounts + nodes, tagIndexPage),
    ListDelegatedAdministrators: pages(size.delegatedAdministrators),
    ListDelegatedServicesForAccount: size.delegatedAdministrators,
    ListHandshakesForOrganization: pages(size.invitations),
  };
}
