import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import type { Report } from '../report.js';
import { freePort, startService, type ServiceProcess } from '../service-process.js';
import type { SenderOrders, SenderResult } from './event-sender.js';
import { judgePosts } from './judge-posts.js';

const perSecond = 2000;
const seconds = 30;
const bodyBytes = 1024;

/** EventBridge posts faster than any organization changes; then discovery is killed in the midst, and nothing that it answered for is lost. */
export async function webhook(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 61, accounts: 200, organizationalUnits: 20 });
  const database = await createTestDatabase();
  let discovery: ServiceProcess | undefined;
  try {
    const place = { apiPort: await freePort(), webhookPort: await freePort() };
    discovery = startDiscovery({ simulator, database, ...place });
    await discovery.answering(`http://127.0.0.1:${place.apiPort}/v1/integrations`);
    const orders = await ordersFor(simulator, place);

    const calm = await send({ ...orders, seconds });
    sayOf(report, `${perSecond} posts/s for ${seconds} s`, calm);
    judgePosts(report, calm, { perSecond, seconds });
    report.atMost('answered with 202, and not in the database', await missing(database, calm.kept), 0, 'events');

    const killed = send({ ...orders, seconds: 10 });
    await delay(5000);
    discovery.signal('SIGKILL');
    const cut = await killed;
    sayOf(report, 'killed in the midst', cut);
    report.atLeast('answered with 202 before the SIGKILL', cut.kept.length, perSecond, 'events');
    report.atMost('of these not in the database', await missing(database, cut.kept), 0, 'events');
  } finally {
    await discovery?.stop();
    await simulator.close();
    await database.drop();
  }
}

interface Place {
  apiPort: number;
  webhookPort: number;
}

function startDiscovery({
  simulator,
  database,
  apiPort,
  webhookPort,
}: Place & { simulator: Simulator; database: TestDatabase }): ServiceProcess {
  return startService('discovery', {
    PATH: process.env['PATH'],
    DATABASE_URL: database.connectionString,
    ADMIN_HOST: '127.0.0.1',
    ADMIN_PORT: '0',
    API_PORT: String(apiPort),
    WEBHOOK_HOST: '127.0.0.1',
    WEBHOOK_PORT: String(webhookPort),
    AWS_ENDPOINT_URL: simulator.endpoint,
    AWS_REGION: simulator.region,
    AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
    LOG_LEVEL: 'warn',
  });
}

async function ordersFor({ organization }: Simulator, { apiPort, webhookPort }: Place): Promise<SenderOrders> {
  const api = `http://127.0.0.1:${apiPort}/v1/integrations`;
  const { integrations } = (await (await fetch(api)).json()) as { integrations: { id: string }[] };
  const made = await fetch(`${api}/${integrations[0]?.id ?? ''}/webhook-secret`, { method: 'POST' });
  const { secret, path, header } = (await made.json()) as { secret: string; path: string; header: string };
  // Until it is known everywhere.
  await delay(2000);
  return {
    port: webhookPort,
    path,
    header,
    secret,
    managementAccountId: organization.managementAccount.id,
    accountIds: [...organization.accounts.keys()],
    perSecond,
    seconds,
    connections: 1000,
    bodyBytes,
  };
}

async function send(orders: SenderOrders): Promise<SenderResult> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'event-sender.js')], {
    env: { PATH: process.env['PATH'], ORGTRAIL_SENDER: JSON.stringify(orders) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(output) as SenderResult;
}

async function missing({ pool }: TestDatabase, eventIds: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ missing: number }>(
    `SELECT count(*)::int AS missing FROM unnest($1::text[]) AS kept (event_id)
      WHERE NOT EXISTS (SELECT FROM discovery.events AS event WHERE event.event_id = kept.event_id)`,
    [eventIds],
  );
  return rows[0]?.missing ?? eventIds.length;
}

function sayOf(report: Report, what: string, { answers, milliseconds, latestMs }: SenderResult): void {
  const at = (share: number) => `${Math.round(milliseconds[Math.floor((milliseconds.length - 1) * share)] ?? 0)} ms`;
  report.say(
    `${what}: ${JSON.stringify(answers)}; p50 ${at(0.5)}, p99 ${at(0.99)}, slowest ${at(1)}; sent at most ${Math.round(latestMs)} ms late`,
  );
}
