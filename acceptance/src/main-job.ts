import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, randomWrite, startSimulator } from '@orgtrail/aws-simulator';
import { startEmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { readGraph } from '@orgtrail/graph-writer';
import { createTestDatabase, startKafka } from '@orgtrail/testkit';
import { jest, orgtrail, startOrgtrail } from './command.js';
import { differencesOf } from './graph-oracle.js';
import { startPipeline } from './pipeline.js';
import type { Report } from './report.js';
import { startTcpProxy } from './tcp-proxy.js';

/** Issue "Main job": from an AWS organization to a graph in Postgres. */
export async function run(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-acceptance-'));
  const kafka = await startKafka();
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres'), fast: true });
  process.env['ORGTRAIL_TEST_DATABASE'] = postgres.connectionString;
  try {
    let missed = 0;
    for (const seed of [1, 2, 3, 4, 5]) missed += await converges(report, seed, kafka.brokers);
    report.atLeast('lost events repaired and counted as missed, seeds 1 to 5', missed, 1);
    await costsOfAFullSync(report);
    await demoLives(report, folder);
    await postgresGoesAndComesBack(report);
    await verifyNamesADifference(report);
    await badInput(report);
    await namedTests(report);
  } finally {
    await postgres.stop();
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** 300 writes whose events are shuffled, 20 % duplicated, 5 % lost; then one full sync, and the graph equals the organization. */
async function converges(report: Report, seed: number, kafkaBrokers: string[]): Promise<number> {
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

function equal(differences: readonly string[]) {
  return { figure: `${differences.length} differences`, bound: 'equal to the organization', pass: differences.length === 0 };
}

async function costsOfAFullSync(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 7, accounts: 1000, organizationalUnits: 100 });
  const pipeline = await startPipeline(simulator, {});
  try {
    await delay(1000);
    await pipeline.settled();
    const { ListTagsForResource = 0, ReceiveMessage: _poll, DeleteMessageBatch: _delete, ...calls } = pipeline.calls();
    const total = Object.values(calls).reduce((sum, count) => sum + count, 0);
    report.say(`calls: ${JSON.stringify(calls)}; first tag reads: ${ListTagsForResource}`);
    report.atMost('full sync of 1,000 accounts and 100 OUs, first tag reads apart', total, 170, 'calls');
    const graph = await readGraph(pipeline.database.pool, pipeline.discovery.integration().id);
    report.point('graph of 1,000 accounts', equal(differencesOf(graph, simulator.organization)));
  } finally {
    await pipeline.stop();
    await simulator.close();
  }
}

async function demoLives(report: Report, folder: string): Promise<void> {
  const demo = startOrgtrail(['up', '--demo', '--port', '0', '--data-directory', join(folder, 'demo')], {});
  let output = '';
  demo.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise<number | null>((resolve) => demo.once('close', resolve));
  const startedAt = Date.now();
  while (!output.includes('Orgtrail is ready') && Date.now() - startedAt < 60_000) await delay(100);
  await delay(30_000);
  const changes =
    output
      .split('Orgtrail is ready')[1]
      ?.split('\n')
      .filter((line) => /^\d\d:\d\d:\d\d {2}/.test(line)) ?? [];
  const latencies = changes.flatMap((line) => /(\d+) ms$/.exec(line)?.[1] ?? []).map(Number);
  report.atLeast('demo: change lines within 30 s of ready', changes.length, 10);
  report.atMost('demo: slowest event to row', latencies.length === 0 ? NaN : Math.max(...latencies) / 1000, 2, 's');
  const interrupted = Date.now();
  demo.kill('SIGINT');
  const code = await ended;
  report.point('demo: exit code after Ctrl-C', { figure: String(code), bound: '0', pass: code === 0 });
  report.atMost('demo: end after Ctrl-C', (Date.now() - interrupted) / 1000, 10, 's');
}

/** The database is away for five seconds while things happen: nothing is lost, and nobody has to start anything again. */
async function postgresGoesAndComesBack(report: Report): Promise<void> {
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

async function verifyNamesADifference(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 11, accounts: 30, organizationalUnits: 6 });
  const database = await createTestDatabase();
  const env = {
    DATABASE_URL: database.connectionString,
    AWS_ENDPOINT_URL: simulator.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
  };
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-verify-'));
  const sync = () => orgtrail(['up', '--once', '--json', '--rate-share', '100', '--data-directory', folder], env);
  const verify = () => orgtrail(['verify', '--settle', '0', '--data-directory', folder, '--rate-share', '100'], env);
  try {
    await sync();
    report.point('verify after a sync: exit code', code(await verify(), 0));
    const account = [...simulator.organization.accounts.values()].find(({ parentId }) => parentId.startsWith('ou-'));
    const key = `arn:aws:iam::${account?.id ?? ''}:root`;
    await database.pool.query(
      `UPDATE graph.entities AS account
           SET relationships = (SELECT jsonb_agg(CASE WHEN edge ->> 'type' = 'aws_organizational_unit_has_account'
                                                      THEN jsonb_set(edge, '{fromKey}', to_jsonb(root.key)) ELSE edge END ORDER BY place)
                                  FROM jsonb_array_elements(account.relationships) WITH ORDINALITY AS element (edge, place))
          FROM (SELECT key FROM graph.entities WHERE type = 'aws_organization_root') AS root
         WHERE account.key = $1`,
      [key],
    );
    const moved = await verify();
    report.point('verify after one row was moved by SQL: exit code', code(moved, 3));
    report.point('verify names the account', {
      figure: String(moved.stdout.includes(account?.id ?? '-')),
      bound: 'true',
      pass: moved.stdout.includes(account?.id ?? '-'),
    });
    await sync();
    report.point('verify after the next sync: exit code', code(await verify(), 0));
  } finally {
    await database.drop();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function code(ended: { code: number | null }, expected: number) {
  return { figure: String(ended.code), bound: String(expected), pass: ended.code === expected };
}

async function badInput(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 12, accounts: 10, organizationalUnits: 2 });
  const database = await createTestDatabase();
  const member = [...simulator.organization.accounts.keys()].find(
    (id) => id !== simulator.organization.identity.managementAccountId && !simulator.organization.isDelegatedAdministrator(id),
  );
  const as = (credentials: { accessKeyId: string; secretAccessKey: string }) => ({
    DATABASE_URL: database.connectionString,
    AWS_ENDPOINT_URL: simulator.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-bad-'));
  const cases: [string, Record<string, string>, number, RegExp][] = [
    ['wrong credentials', as({ accessKeyId: 'AKIAWRONG', secretAccessKey: 'wrong' }), 78, /credentials/i],
    ['account in no organization', as(simulator.credentialsFor(simulator.foreignAccountId)), 78, /in no organization/],
    ['ordinary member', as(simulator.credentialsFor(member ?? '')), 78, /ordinary member/],
    [
      'Postgres unreachable',
      { ...as(simulator.credentials), DATABASE_URL: 'postgres://a:b@127.0.0.1:9/x' },
      69,
      /127\.0\.0\.1:9.*DATABASE_URL/,
    ],
    ['Kafka unreachable', { ...as(simulator.credentials), KAFKA_BROKERS: '127.0.0.1:9' }, 69, /127\.0\.0\.1:9.*KAFKA_BROKERS/],
  ];
  try {
    for (const [name, env, expected, sentence] of cases) {
      const ended = await orgtrail(['up', '--once', '--start-timeout', '2', '--data-directory', folder], env);
      const lines = ended.stderr.trim().split('\n');
      const clear = lines.length === 1 && sentence.test(ended.stderr);
      report.say(`${name}: ${ended.stderr.trim()}`);
      report.point(`${name}: exit code, one clear line`, {
        figure: `${String(ended.code)}, ${clear ? 'clear' : `${lines.length} lines`}`,
        bound: `${expected}, clear`,
        pass: ended.code === expected && clear,
      });
    }
  } finally {
    await database.drop();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
  await quarantine(report);
}

/** Malformed and foreign messages are kept with a reason, and what is good beside them passes. */
async function quarantine(report: Report): Promise<void> {
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
    const { rows } = await pipeline.database.pool.query<{ reason: string }>(
      `SELECT reason FROM discovery.quarantined_messages ORDER BY id`,
    );
    report.point('malformed and foreign messages quarantined, the unknown event counted only', {
      figure: rows.map(({ reason }) => reason).join(' '),
      bound: 'not-json not-an-event foreign-account',
      pass: rows.map(({ reason }) => reason).join(' ') === 'not-json not-an-event foreign-account',
    });
    const graph = await readGraph(pipeline.database.pool, pipeline.discovery.integration().id);
    report.point('the good event beside them became a row', equal(differencesOf(graph, simulator.organization)));
  } finally {
    await pipeline.stop();
    await simulator.close();
  }
}

/** What is settled by tests that Jest runs: named here so that they cannot vanish unseen. */
async function namedTests(report: Report): Promise<void> {
  const suites: [string, string[]][] = [
    ['any order and repetition of reads gives the same subject', ['services/discovery/src/observed/merge.test.ts']],
    ['any order and repetition of graph changes gives the same graph', ['services/graph-writer/src/plan-batch']],
    ['the 41 CloudTrail samples: a table file -> hints or no-op', ['services/discovery/src/events/samples.test.ts']],
  ];
  for (const [name, files] of suites) {
    const ended = await jest([...files, '--selectProjects', 'unit']);
    const passed = /Tests:\s+(\d+) passed/.exec(ended.stderr)?.[1] ?? '0';
    report.point(name, {
      figure: `exit ${String(ended.code)}, ${passed} tests`,
      bound: 'exit 0, at least 1 test',
      pass: ended.code === 0 && passed !== '0',
    });
  }
}
