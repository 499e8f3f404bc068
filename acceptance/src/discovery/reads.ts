import { setTimeout as delay } from 'node:timers/promises';
import { connectToAws, type CallReport } from '@orgtrail/aws';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { startPipeline, type Pipeline } from '../pipeline.js';
import type { Report } from '../report.js';
import { organizationReads } from './organization-reads.js';

/** AWS's published rates, calls a second; the share that we take of them is a half. */
const publishedRates: Readonly<Record<string, number>> = {
  DescribeOrganization: 1,
  DescribeAccount: 20,
  ListRoots: 1,
  ListAccounts: 8,
  ListOrganizationalUnitsForParent: 5,
  ListDelegatedAdministrators: 5,
  ListDelegatedServicesForAccount: 1,
  ListHandshakesForOrganization: 5,
  ListTagsForResource: 10,
  GetResources: 15,
};
const share = 0.5;
const windowMs = 10_000;
const patienceMs = 10 * 60_000;

/** What syncs cost, and that the organization's other tools do not feel them. AWS's own buckets are on all the time. */
export async function reads(report: Report): Promise<void> {
  await Promise.all([ofAThousand(report), ofFiveThousand(report)]);
}

async function ofAThousand(report: Report): Promise<void> {
  const { simulator, pipeline, calls } = await start({ seed: 101, accounts: 1000, organizationalUnits: 100 });
  try {
    await untilSynced(pipeline);
    report.atMost('1,000 accounts in 100 OUs, full sync', costOf(simulator), 170, 'calls');
    simulator.resetCalls();
    await pipeline.discovery.sync('light', 'acceptance');
    report.atMost('1,000 accounts in 100 OUs, light sync', organizationReads(simulator.calls), 65, 'calls');

    report.say('first tag reads, beside them a full sync, and a second caller that takes half of each bucket');
    const other = startSecondCaller(simulator);
    await pipeline.discovery.sync('full', 'acceptance');
    await pipeline.settled();
    const { made, throttled } = await other.stop();
    report.atLeast('calls of a second caller meanwhile', made, 1000);
    report.atMost('of those, throttled because of us', (100 * throttled) / made, 1, '%');
    tellRates(report, '1,000 accounts', calls);
  } finally {
    await pipeline.stop();
    await simulator.close();
  }
}

async function ofFiveThousand(report: Report): Promise<void> {
  const { simulator, pipeline, calls } = await start({ seed: 102, accounts: 5000, organizationalUnits: 500 });
  try {
    await untilSynced(pipeline);
    report.atMost('5,000 accounts in 500 OUs, full sync', costOf(simulator), 815, 'calls');
    tellRates(report, '5,000 accounts', calls);
  } finally {
    await pipeline.stop();
    await simulator.close();
  }
}

interface Call extends CallReport {
  begunAt: number;
}

async function start(shape: {
  seed: number;
  accounts: number;
  organizationalUnits: number;
}): Promise<{ simulator: Simulator; pipeline: Pipeline; calls: Call[] }> {
  const calls: Call[] = [];
  const simulator = await startSimulator({ ...shape, throttling: true });
  const onCall = (call: CallReport): void => void calls.push({ ...call, begunAt: performance.now() - call.milliseconds });
  const pipeline = await startPipeline(simulator, { rateShare: () => share, onCall });
  return { simulator, pipeline, calls };
}

/** As AWS counts it: without one call for each delegated administrator. */
const costOf = ({ calls }: Simulator): number => organizationReads(calls) - (calls['ListDelegatedServicesForAccount'] ?? 0);

async function untilSynced({ database }: Pipeline): Promise<void> {
  const giveUp = performance.now() + patienceMs;
  while (performance.now() < giveUp) {
    const { rows } = await database.pool.query(`SELECT FROM discovery.full_syncs WHERE outcome = 'complete'`);
    if (rows.length > 0) return;
    await delay(200);
  }
  throw new Error('The first full sync does not end.');
}

/** In any ten seconds at most half of what AWS allows in the long run: what AWS allows at once is left to others. */
function tellRates(report: Report, name: string, calls: readonly Call[]): void {
  const fullest = Object.entries(publishedRates).map(([operation, rate]) => ({
    operation,
    bound: rate * share * (windowMs / 1000),
    most: mostInAWindow(calls.filter((call) => call.operation === operation).map(({ begunAt }) => begunAt)),
  }));
  const above = fullest.filter(({ most, bound }) => most > bound);
  report.point(`${name}: most calls of an operation in any 10 s`, {
    figure: (above.length > 0 ? above : fullest).map(({ operation, most, bound }) => `${operation} ${most}/${bound}`).join(', '),
    bound: 'half of the published rate x 10 s',
    pass: above.length === 0,
  });
  report.atMost(`${name}: throttled`, calls.filter(({ outcome }) => outcome === 'throttled').length, 0);
}

function mostInAWindow(times: readonly number[]): number {
  const sorted = [...times].sort((left, right) => left - right);
  let first = 0;
  return sorted.reduce((most, time, position) => {
    while (time - (sorted[first] ?? time) >= windowMs) first += 1;
    return Math.max(most, position - first + 1);
  }, 0);
}

/** Another tool in the same account, that takes half of each bucket as evenly as it can. */
function startSecondCaller(simulator: Simulator): { stop(): Promise<{ made: number; throttled: number }> } {
  const outcomes: CallReport['outcome'][] = [];
  const aws = connectToAws({
    endpoint: simulator.endpoint,
    credentials: simulator.credentials,
    rateShare: share,
    onCall: ({ outcome }) => outcomes.push(outcome),
  });
  const stopping = new AbortController();
  const reader = aws.reader('event', stopping.signal);
  const { managementAccount, root } = simulator.organization;
  const reads: (() => Promise<unknown>)[] = [
    () => reader.describeOrganization(),
    () => reader.listRoots(),
    async () => {
      for await (const { length } of reader.listAccounts()) if (length === 0) break;
    },
    () => reader.listOrganizationalUnitsForParent(root.id),
    () => reader.listTags(managementAccount.id),
    () => reader.describeAccount(managementAccount.id),
    () => reader.listDelegatedAdministrators(),
    () => reader.listHandshakes(),
  ];
  const repeat = async (read: () => Promise<unknown>): Promise<void> => {
    while (!stopping.signal.aborted) await read().catch(() => undefined);
  };
  const running = reads.map(repeat);
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
      aws.destroy();
      return { made: outcomes.length, throttled: outcomes.filter((outcome) => outcome === 'throttled').length };
    },
  };
}
