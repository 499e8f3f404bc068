import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRandom, randomWrite, startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { readGraph } from '@orgtrail/graph-writer';
import { createTestDatabase, testKafkaBrokers, type TestDatabase } from '@orgtrail/testkit';
import { differencesOf } from './graph-oracle.js';

const loader = new URL('../../scripts/jest/typescript-sources.js', import.meta.url).href;
const services = ['graph-writer', 'account-mapper', 'discovery'] as const;
type Service = (typeof services)[number];

let simulator: Simulator;
let database: TestDatabase;
const running = new Map<Service, { child: ChildProcess; ended: Promise<number | null>; output: string[] }>();

beforeAll(async () => {
  simulator = await startSimulator({ seed: 3, accounts: 60, organizationalUnits: 14 });
  database = await createTestDatabase();
  for (const service of services) start(service);
}, 60_000);
afterAll(async () => {
  for (const { child, ended } of running.values()) {
    child.kill('SIGKILL');
    await ended;
  }
  await simulator.close();
  await database.drop();
}, 60_000);

function start(service: Service): void {
  const main = fileURLToPath(new URL(`../../services/${service}/src/main.ts`, import.meta.url));
  const child = spawn(process.execPath, ['--import', loader, main], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: database.connectionString,
      KAFKA_BROKERS: testKafkaBrokers().join(','),
      ADMIN_HOST: '127.0.0.1',
      ADMIN_PORT: '0',
      API_PORT: '0',
      AWS_ENDPOINT_URL: simulator.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
      AWS_RATE_SHARE: '100',
      ORGTRAIL_QUEUE_URL: simulator.queueUrl,
      CONFIRM_AFTER_SECONDS: '2,4',
      CONFIRM_NOT_FOUND_AFTER_SECONDS: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output.push(text);
    });
  }
  running.set(service, { child, output, ended: once(child, 'close').then(([code]) => code as number | null) });
}

async function kill(service: Service, signal: NodeJS.Signals): Promise<number | null> {
  const { child, ended } = running.get(service)!;
  child.kill(signal);
  return ended;
}

async function differences(): Promise<string[]> {
  const { rows } = await database.pool
    .query<{ id: string }>(`SELECT id::text AS id FROM discovery.integrations`)
    .catch(() => ({ rows: [] as { id: string }[] }));
  if (!rows[0]) return ['nothing was read yet'];
  return readGraph(database.pool, rows[0].id).then(
    // A member's AcceptHandshake has no event in the management account: the next full sync tells what became of an invitation.
    (graph) => differencesOf(graph, simulator.organization).filter((difference) => !difference.includes(':handshake/')),
    () => ['the graph has no schema yet'],
  );
}

/** Waits until the graph equals the organization; answers what differs when it does not in time. */
async function differencesAfter(seconds: number): Promise<string[]> {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if ((await differences()).length === 0) return [];
    await delay(200);
  }
  return [...(await differences()), ...[...running.values()].map(({ output }) => output.join('').slice(-1500))];
}

describe('three services as three processes on a real Kafka', () => {
  it('bring the organization into the graph by a full sync', async () => {
    expect(await differencesAfter(60)).toEqual([]);
  }, 90_000);

  it('bring events into the graph', async () => {
    const random = createRandom(3);
    for (let write = 0; write < 20; write += 1) randomWrite(simulator, random);
    expect(await differencesAfter(40)).toEqual([]);
  }, 60_000);

  it.each(services)(
    'lose nothing when %s is killed with SIGKILL while things happen, and started again',
    async (service) => {
      const random = createRandom(services.indexOf(service) + 10);
      for (let write = 0; write < 10; write += 1) randomWrite(simulator, random);
      await kill(service, 'SIGKILL');
      for (let write = 0; write < 10; write += 1) randomWrite(simulator, random);
      start(service);
      // A killed consumer's partitions are given to others only after its session has run out.
      expect(await differencesAfter(100)).toEqual([]);
    },
    120_000,
  );

  it('tell every change of the graph in the feed, which the example of docs/feed.md prints', async () => {
    const example = fileURLToPath(new URL('../../docs/examples/feed-consumer.mjs', import.meta.url));
    const consumer = spawn(process.execPath, ['--import', loader, example], {
      env: { PATH: process.env['PATH'], KAFKA_BROKERS: testKafkaBrokers().join(','), GROUP: `example-${crypto.randomUUID()}` },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(consumer, 'exit');
    let printed = '';
    consumer.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    try {
      // Within a millisecond several changes may be written: each is a line of its own.
      const { rows } = await database.pool.query<{ line: string }>(
        `SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || ' ' || rpad(kind, 8) || ' ' || type || ' ' AS line
           FROM graph.changes`,
      );
      expect(rows.length).toBeGreaterThan(60);
      const missing = (): string[] => rows.map(({ line }) => line).filter((line) => !printed.includes(line));
      for (const end = Date.now() + 40_000; Date.now() < end && missing().length > 0;) await delay(200);
      expect(missing()).toEqual([]);
      expect(printed).toMatch(/ \(found by full sync \d+\)$/m);
      expect(printed).toContain(' by ');
    } finally {
      consumer.kill('SIGTERM');
      expect((await ended)[0]).toBe(0);
    }
  }, 90_000);

  it('end with 0 when they are told to stop', async () => {
    expect(await Promise.all(services.map((service) => kill(service, 'SIGTERM')))).toEqual([0, 0, 0]);
  }, 60_000);
});
