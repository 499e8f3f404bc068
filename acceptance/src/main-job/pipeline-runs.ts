import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, randomWrite, startSimulator } from '@orgtrail/aws-simulator';
import { readGraph } from '@orgtrail/graph-writer';
import { differencesOf } from '../graph-oracle.js';
import { startPipeline } from '../pipeline.js';
import type { Report } from '../report.js';
import { startTcpProxy } from '../tcp-proxy.js';

/** 300 writes whose events are shuffled, 20 % duplicated, 5 % lost; then one full sync, and the graph equals the organization. */
export async function converges(report: Report, seed: number, kafkaBrokers: string[]): Promise<number> {
  const simulator = await startSimulator({ seed, accounts: 200, organizationalUnits: 40 });
  const pipeline = await startPipeline(simulator, { kafkaBrokers, missedChangeWindowSeconds: 1 });
  try {
    const graph = () => readGraph(pipeline.database.pool, pipeline.discovery.integration().id);
    await pipeline.settled();
    while ((await graph()).entities.length < simulator.organization.accounts.size) await delay(100);
    await pipeline.settled();
    const first = differencesOf(await graph(), simulator.organization);
    report.point(`seed ${seed}: graph after the first full sync`, equal(first));

    const before = new Set(simulator.organization.accounts.keys());
    simulator.setBehaviour({ shuffleWindowMs: 2000, duplicateRate: 0.2, lossRate: 0.05 });
    const random = createRandom(seed);
    for (let write = 0; write < 300; write += 1) {
      randomWrite(simulator, random);
      await delay(5);
    }
    await simulator.settled();
    while (simulator.queue.depth.visible + simulator.queue.depth.inFlight > 0) await delay(50);
    report.say(`seed ${seed}: ${simulator.events.lost.length} events lost, ${simulator.events.duplicated.length} duplicated`);
    await pipeline.settled();
    await pipeline.discovery.sync('full', 'acceptance');
    await pipeline.settled();
    const last = differencesOf(await graph(), simulator.organization);
    for (const difference of last.slice(0, 5)) report.say(difference);
    report.point(
      `seed ${seed}: graph after 300 writes (${simulator.events.lost.length} events lost) and one full sync`,
      equal(last),
    );

    const departed = [...before].filter((id) => !simulator.organization.accounts.has(id));
    const { rows } = await pipeline.database.pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM graph.entities
        WHERE account_id = ANY ($1) AND type = 'aws_account' AND NOT live AND ended_at IS NOT NULL`,
      [departed],
    );
    report.point(`seed ${seed}: tombstones of departed accounts`, {
      figure: rows[0]?.count ?? 0,
      bound: departed.length,
      pass: rows[0]?.count === departed.length,
    });
    await delay(2500);
    const found = await pipeline.database.pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM discovery.found_changes WHERE outcome = 'missed'`,
    );
    return found.rows[0]?.count ?? 0;
  } finally {
    await pipeline.stop();
    await simulator.close();
  }
}

/** After a sync it is looked at whether events can arrive: no part of the sync. */
const ofTheEventPath = new Set([
  'DescribeRule',
  'DescribeTrails',
  'GetEventSelectors',
  'GetQueueAttributes',
  'GetTrailStatus',
  'ListTargetsByRule',
]);

/** How many calls of AWS it takes, and whether the graph is whole after it. */
export async function costsOfAFullSync(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 7, accounts: 1000, organizationalUnits: 100 });
  const pipeline = await startPipeline(simulator, {});
  try {
    await delay(1000);
    await pipeline.settled();
    const { ListTagsForResource = 0, ReceiveMessage: _poll, DeleteMessageBatch: _delete, ...calls } = pipeline.calls();
    const total = Object.entries(calls).reduce((sum, [name, count]) => sum + (ofTheEventPath.has(name) ? 0 : count), 0);
    report.say(`calls: ${JSON.stringify(calls)}; first tag reads: ${ListTagsForResource}`);
    report.atMost('full sync of 1,000 accounts and 100 OUs, first tag reads apart', total, 170, 'calls');
    const graph = await readGraph(pipeline.database.pool, pipeline.discovery.integration().id);
    report.point('graph of 1,000 accounts', equal(differencesOf(graph, simulator.organization)));
  } finally {
    await pipeline.stop();
    await simulator.close();
  }
}

/** The database is away for five seconds while things happen: nothing is lost, and nobody has to start anything again. */
export async function postgresGoesAndComesBack(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 21, accounts: 60, organizationalUnits: 14 });
  const server = new URL(process.env['ORGTRAIL_TEST_DATABASE'] ?? '');
  const proxy = await startTcpProxy({ host: server.hostname, port: Number(server.port) });
  const pipeline = await startPipeline(simulator, { through: { host: '127.0.0.1', port: proxy.port } });
  try {
    await pipeline.settled();
    const random = createRandom(21);
    for (let write = 0; write < 10; write += 1) randomWrite(simulator, random);
    proxy.shut();
    for (let write = 0; write < 30; write += 1) {
      randomWrite(simulator, random);
      await delay(160);
    }
    proxy.open();
    const graph = () => readGraph(pipeline.database.pool, pipeline.discovery.integration().id);
    // No full sync: what happened meanwhile comes from the queue. Invitations that a member accepted have no event here.
    const lost = async () =>
      differencesOf(await graph(), simulator.organization).filter((difference) => !difference.includes(':handshake/'));
    const openedAt = Date.now();
    while ((await lost()).length > 0 && Date.now() - openedAt < 90_000) await delay(200);
    report.say(`equal ${((Date.now() - openedAt) / 1000).toFixed(1)} s after Postgres came back`);
    report.point('Postgres away for 5 s in the middle: graph afterwards, from events alone', equal(await lost()));
  } finally {
    await pipeline.stop();
    await proxy.close();
    await simulator.close();
  }
}

/** Malformed and foreign messages are kept with a reason, and what is good beside them passes. */
export async function quarantine(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 13, accounts: 10, organizationalUnits: 2 });
  const pipeline = await startPipeline(simulator, {});
  try {
    const foreign = {
      version: '0',
      id: 'x',
      'detail-type': 'AWS API Call via CloudTrail',
      source: 'aws.organizations',
      account: '999999999999',
      time: '2026-01-01T00:00:00Z',
      region: 'us-east-1',
      resources: [],
      detail: { eventSource: 'organizations.amazonaws.com', eventName: 'MoveAccount', eventID: 'f' },
    };
    const unknown = {
      ...foreign,
      account: simulator.organization.identity.managementAccountId,
      detail: { ...foreign.detail, eventName: 'SomethingNew', eventID: 'u' },
    };
    for (const body of ['not json', '[]', JSON.stringify(foreign), JSON.stringify(unknown)]) simulator.queue.send(body);
    const account = [...simulator.organization.accounts.values()].find(({ parentId }) => parentId.startsWith('ou-'));
    if (account) simulator.actions.tagResource({ resourceId: account.id, tags: { acceptance: 'yes' } });
    await delay(1500);
    while (simulator.queue.depth.visible + simulator.queue.depth.inFlight > 0) await delay(50);
    await pipeline.settled();
    // They are received side by side.
    const { rows } = await pipeline.database.pool.query<{ reason: string }>(
      `SELECT reason FROM discovery.quarantined_messages ORDER BY reason`,
    );
    report.point('malformed and foreign messages quarantined, the unknown event counted only', {
      figure: rows.map(({ reason }) => reason).join(' '),
      bound: 'foreign-account not-an-event not-json',
      pass: rows.map(({ reason }) => reason).join(' ') === 'foreign-account not-an-event not-json',
    });
    const graph = await readGraph(pipeline.database.pool, pipeline.discovery.integration().id);
    report.point('the good event beside them became a row', equal(differencesOf(graph, simulator.organization)));
  } finally {
    await pipeline.stop();
    await simulator.close();
  }
}

function equal(differences: readonly string[]) {
  return { figure: `${differences.length} differences`, bound: 'equal to the organization', pass: differences.length === 0 };
}
