import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createRandom, randomWrite, startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { readGraph } from '@orgtrail/graph-writer';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { differencesOf } from './graph-oracle.js';
import { freePort } from './service-process.js';

/** There is no queue: EventBridge posts the events to discovery, which is away for a while, and all of them become rows. */

const loader = new URL('../../scripts/jest/typescript-sources.js', import.meta.url).href;
let simulator: Simulator;
let database: TestDatabase;
let ports: { api: number; webhook: number };
const running = new Map<string, ChildProcess>();

beforeAll(async () => {
  simulator = await startSimulator({ seed: 71, accounts: 40, organizationalUnits: 10, eventPath: 'none' });
  database = await createTestDatabase();
  ports = { api: await freePort(), webhook: await freePort() };
  for (const service of ['graph-writer', 'account-mapper', 'discovery']) start(service);
}, 60_000);
afterAll(async () => {
  for (const service of running.keys()) await end(service, 'SIGKILL');
  await simulator.close();
  await database.drop();
}, 60_000);

function start(service: string): void {
  const main = fileURLToPath(new URL(`../../services/${service}/src/main.ts`, import.meta.url));
  running.set(
    service,
    spawn(process.execPath, ['--import', loader, main], {
      env: {
        PATH: process.env['PATH'],
        DATABASE_URL: database.connectionString,
        ADMIN_HOST: '127.0.0.1',
        ADMIN_PORT: '0',
        API_PORT: service === 'discovery' ? String(ports.api) : '0',
        WEBHOOK_HOST: '127.0.0.1',
        WEBHOOK_PORT: String(ports.webhook),
        AWS_ENDPOINT_URL: simulator.endpoint,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
        AWS_RATE_SHARE: '100',
        FULL_SYNC_INTERVAL_SECONDS: '0',
        CONFIRM_AFTER_SECONDS: '1,2',
        CONFIRM_NOT_FOUND_AFTER_SECONDS: '1',
        LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    }),
  );
}

async function end(service: string, signal: NodeJS.Signals): Promise<void> {
  const child = running.get(service)!;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill(signal);
  await ended;
}

async function integrationId(): Promise<string | undefined> {
  const { rows } = await database.pool
    .query<{ id: string }>(`SELECT id::text AS id FROM discovery.integrations`)
    .catch(() => ({ rows: [] }));
  return rows[0]?.id;
}

async function differences(): Promise<string[]> {
  const id = await integrationId();
  if (id === undefined) return ['nothing was read yet'];
  return readGraph(database.pool, id).then(
    // A member's AcceptHandshake has no event in the management account.
    (graph) => differencesOf(graph, simulator.organization).filter((difference) => !difference.includes(':handshake/')),
    () => ['the graph has no schema yet'],
  );
}

async function differencesAfter(seconds: number): Promise<string[]> {
  const giveUp = Date.now() + seconds * 1000;
  while ((await differences()).length > 0 && Date.now() < giveUp) await delay(200);
  return differences();
}

const syncs = async (): Promise<number> =>
  (await database.pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM discovery.full_syncs`)).rows[0]!.count;

it('brings events that EventBridge posts into the graph, those too that came while discovery was away', async () => {
  expect(await differencesAfter(90)).toEqual([]);
  const id = (await integrationId())!;
  const answer = await fetch(`http://127.0.0.1:${ports.api}/v1/integrations/${id}/webhook-secret`, { method: 'POST' });
  const { path, header, secret } = (await answer.json()) as { path: string; header: string; secret: string };
  simulator.actions.postEventsTo({ endpoint: `http://127.0.0.1:${ports.webhook}${path}`, header, secret });

  const random = createRandom(71);
  for (let write = 0; write < 20; write += 1) randomWrite(simulator, random);
  expect(await differencesAfter(60)).toEqual([]);
  expect(await syncs()).toBe(1);

  await end('discovery', 'SIGKILL');
  for (let write = 0; write < 20; write += 1) randomWrite(simulator, random);
  await delay(1500);
  start('discovery');
  await simulator.settled();
  const { rows } = await database.pool.query<{ event_id: string }>(`SELECT event_id FROM discovery.events`);
  const kept = new Set(rows.map(({ event_id }) => event_id));
  const posted = simulator.events.emitted.filter(({ fate }) => fate === 'delivered');
  expect(posted.filter(({ record }) => !kept.has(record.eventID)).map(({ eventName }) => eventName)).toEqual([]);
  expect(posted.length).toBeGreaterThan(30);
  expect(await differencesAfter(60)).toEqual([]);
}, 300_000);
