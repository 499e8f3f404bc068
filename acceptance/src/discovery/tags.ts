import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { readGraph } from '@orgtrail/graph-writer';
import { differencesOf } from '../graph-oracle.js';
import { startPipeline, type Pipeline } from '../pipeline.js';
import type { Report } from '../report.js';

/** Half of what AWS publishes, as in production. */
const share = 0.5;
const confirmAfterSeconds = [30, 300];

interface Scene {
  simulator: Simulator;
  pipeline: Pipeline;
}

/** Tags have the smallest budget of all: a swarm of events, and as many changes as they can bear without end. Both at once, on two organizations. */
export async function tags(report: Report): Promise<void> {
  const ends = await Promise.allSettled([
    scene(71, (stage) => swarm(report, stage)),
    // One process plays all of it, and taking the swarm in is work: AWS's rates are what should decide.
    delay(60_000).then(() => scene(72, (stage) => sustained(report, stage))),
  ]);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** A thousand accounts that were read whole, without limits; then AWS's buckets and our limiter are on. */
async function scene(seed: number, play: (scene: Scene) => Promise<void>): Promise<void> {
  const simulator = await startSimulator({ seed, accounts: 1000, organizationalUnits: 100 });
  let limited = false;
  const pipeline = await startPipeline(simulator, { confirmAfterSeconds, rateShare: () => (limited ? share : 1000) });
  try {
    await pipeline.discovery.sync('full', 'acceptance');
    await pipeline.settled();
    limited = true;
    // AWS publishes no page size of tags; 50 are the most that there are.
    simulator.setBehaviour({ throttling: true, tagPageSize: 50 });
    // As when somebody changes the settings: the organization is connected to again.
    const { id } = pipeline.discovery.integration();
    const former = pipeline.discovery.connectionOf(id);
    await pipeline.database.pool.query(`UPDATE discovery.integrations SET settings_version = nextval('discovery.asks')`);
    while ([undefined, former].includes(pipeline.discovery.connectionOf(id))) await delay(100);
    await play({ simulator, pipeline });
  } finally {
    await pipeline.stop();
    await simulator.close();
  }
}

/** 10,000 tag events on 1,000 accounts, ten each, shuffled, all in the queue at once. */
async function swarm(report: Report, { simulator, pipeline }: Scene): Promise<void> {
  const accountIds = [...simulator.organization.accounts.keys()];
  const random = createRandom(71);
  const writes = accountIds
    .flatMap((resourceId) => Array.from({ length: 10 }, (_, turn) => ({ resourceId, turn, place: random.next() })))
    .sort((left, right) => left.place - right.place);
  const manyTags = [...simulator.organization.accounts.values()].filter(({ tags }) => tags.size >= 20).length;
  report.say(
    `each read counts as one page: ${manyTags} accounts have 20 tags or more, and would need a second if pages had 20, as other lists'`,
  );
  simulator.resetCalls();
  for (const { resourceId, turn } of writes) changeTag(simulator, resourceId, String(turn));
  const lastEventAt = performance.now();
  const until = lastEventAt + 480_000;
  while (performance.now() < until && (await differences(pipeline, simulator)) > 0) await delay(2_000);
  const seconds = (performance.now() - lastEventAt) / 1000;
  const firstReads = simulator.calls['ListTagsForResource'] ?? 0;
  report.say(`${firstReads} reads of tags until they were right in the graph, after ${seconds.toFixed(0)} s`);
  await pipeline.settled();
  const name = '10,000 tag events on 1,000 accounts';
  report.atMost(`${name}: from the last event until the graph is right`, seconds, 240, 's');
  report.atMost(`${name}: ListTagsForResource, both confirmations included`, simulator.calls['ListTagsForResource'] ?? 0, 3_100);
  report.atMost(`${name}: differences in the end`, await differences(pipeline, simulator), 0);
}

/** Shorter only for whoever tries this. */
const minutes = Number(process.env['ORGTRAIL_ACCEPTANCE_MINUTES'] ?? 10);
/** Ten seconds of reading: what is open by then has not grown, however long it goes on. */
const mostOpen = 150;

/** Five tag changes a second and ten moves, for ten minutes. */
async function sustained(report: Report, { simulator, pipeline }: Scene): Promise<void> {
  const open: number[] = [];
  const began = performance.now();
  const secondsPassed = (): number => (performance.now() - began) / 1000;
  const changes = changesOf(simulator);
  let made = 0;
  while (secondsPassed() < minutes * 60) {
    for (; made < secondsPassed() * 15; made += 1) changes(made);
    if (open.length < secondsPassed()) open.push((await pipeline.discovery.backlog()).open);
    await delay(50);
  }
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const fifth = Math.ceil(open.length / 5);
  const name = `5 tag changes/s and 10 moves/s for ${minutes} min on 1,000 accounts`;
  report.say(
    `open requests, mean per fifth: ${[0, 1, 2, 3, 4].map((n) => mean(open.slice(n * fifth, (n + 1) * fifth)).toFixed(0)).join(', ')}`,
  );
  report.atMost(`${name}: greatest backlog of open requests`, Math.max(...open), mostOpen);
  const { open: left } = await pipeline.discovery.backlog();
  report.say(`${left} open at the end`);
  const ended = performance.now();
  while ((await differences(pipeline, simulator)) > 0 && performance.now() - ended < 120_000) await delay(1_000);
  report.atMost(`${name}: from the last change until the graph is right`, (performance.now() - ended) / 1000, 60, 's');
  await pipeline.settled();
  report.say(`confirmations drained after ${((performance.now() - ended) / 1000).toFixed(0)} s`);
  report.atMost(`${name}: differences in the end`, await differences(pipeline, simulator), 0);
}

/** Every third change is of tags, the others move an account. */
function changesOf(simulator: Simulator): (number: number) => void {
  const random = createRandom(72);
  const { managementAccountId } = simulator.organization.identity;
  const ids = [...simulator.organization.accounts.keys()];
  const movable = ids.filter((id) => id !== managementAccountId);
  const units = [...simulator.organization.organizationalUnits.keys()];
  return (number) => {
    if (number % 3 === 0) {
      changeTag(simulator, random.pick(ids), String(number));
      return;
    }
    const accountId = random.pick(movable);
    const { parentId } = simulator.organization.accounts.get(accountId) ?? {};
    const destinationParentId = random.pick(units.filter((id) => id !== parentId));
    simulator.actions.moveAccount({ accountId, destinationParentId });
  };
}

/** A tag of this scenario; where there is no room for one, one that is there. */
function changeTag(simulator: Simulator, resourceId: string, value: string): void {
  const keys = [...(simulator.organization.accounts.get(resourceId)?.tags.keys() ?? [])];
  const key = keys.length >= 50 && !keys.includes('changed') ? (keys[0] ?? '') : 'changed';
  simulator.actions.tagResource({ resourceId, tags: { [key]: value } });
}

async function differences({ database, discovery }: Pipeline, simulator: Simulator): Promise<number> {
  return differencesOf(await readGraph(database.pool, discovery.integration().id), simulator.organization).length;
}
