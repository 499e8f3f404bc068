import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { readGraph } from '@orgtrail/graph-writer';
import { createTestDatabase, startLocalKafka, type TestDatabase } from '@orgtrail/testkit';
import { differencesOf } from '../graph-oracle.js';
import type { Report } from '../report.js';
import { freePort, startService, type ServiceProcess } from '../service-process.js';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js';
import { organizationReads } from './organization-reads.js';

/** What one sync of this organization may cost. */
const callsOfOneSync = 170;
const goneWithinSeconds = 30;
const longestSyncMs = 180_000;

/** Two replicas of discovery; the one that reads the organization is killed in the middle, and the other goes on. */
export async function ownerKilled(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 41, accounts: 1000, organizationalUnits: 100, throttling: true });
  const kafka = await startLocalKafka();
  const database = await createTestDatabase();
  const environment = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    DATABASE_URL: database.connectionString,
    KAFKA_BROKERS: kafka.brokers.join(','),
    ADMIN_HOST: '127.0.0.1',
    ADMIN_PORT: '0',
    LOG_LEVEL: 'warn',
  };
  const others = (['graph-writer', 'account-mapper'] as const).map((service) => startService(service, environment));
  const replicas: Replica[] = [];
  try {
    for (const name of ['first', 'second']) replicas.push(await startReplica(name, { simulator, environment }));
    await killTheOwner(report, { simulator, database, replicas });
  } finally {
    for (const { discovery, door } of replicas) {
      await discovery.stop();
      await door.close();
    }
    for (const other of others) await other.stop();
    await simulator.close();
    await database.drop();
    await kafka.stop();
  }
}

interface Replica {
  name: string;
  discovery: ServiceProcess;
  /** Its own way to AWS, by which its calls are told from the other's. */
  door: TcpProxy;
  /** Calls of Organizations' listings so far. */
  listings(): number;
}

async function startReplica(
  name: string,
  { simulator, environment }: { simulator: Simulator; environment: Readonly<Record<string, string | undefined>> },
): Promise<Replica> {
  let listings = 0;
  const door = await startTcpProxy(
    { host: '127.0.0.1', port: Number(new URL(simulator.endpoint).port) },
    {
      onSent: (chunk) => {
        listings += chunk.toString('latin1').match(/AWSOrganizationsV20161128\.List(Accounts|OrganizationalUnits)/g)?.length ?? 0;
      },
    },
  );
  const apiPort = await freePort();
  const discovery = startService('discovery', {
    ...environment,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${door.port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    ORGTRAIL_QUEUE_URL: simulator.queueUrl,
    API_PORT: String(apiPort),
  });
  await discovery.answering(`http://127.0.0.1:${apiPort}/v1/integrations`);
  return { name, discovery, door, listings: () => listings };
}

async function killTheOwner(
  report: Report,
  { simulator, database, replicas }: { simulator: Simulator; database: TestDatabase; replicas: readonly Replica[] },
): Promise<void> {
  const walked = (): number => simulator.calls['ListOrganizationalUnitsForParent'] ?? 0;
  const startedBy = Date.now() + longestSyncMs;
  while (walked() < 50 && Date.now() < startedBy) await delay(50);
  const owner = replicas.reduce((most, replica) => (replica.listings() > most.listings() ? replica : most));
  const successor = replicas.find((replica) => replica !== owner);
  if (successor === undefined) throw new Error('There is one replica only.');
  const idleWhileOwned = successor.listings();
  report.say(`${owner.name} reads, after ${JSON.stringify(simulator.calls)}`);
  owner.discovery.signal('SIGKILL');
  const killedAt = Date.now();
  while (successor.listings() === idleWhileOwned && Date.now() - killedAt < longestSyncMs) await delay(20);
  report.point('SIGKILL in mid-sync: listings by the replica that does not own the organization', {
    figure: idleWhileOwned,
    bound: 'none before',
    pass: idleWhileOwned === 0,
  });
  report.atMost('SIGKILL in mid-sync: the other replica goes on', (Date.now() - killedAt) / 1000, goneWithinSeconds, 's');

  const outcome = await completion(database, killedAt + longestSyncMs);
  report.point('SIGKILL in mid-sync: the sync afterwards', { figure: outcome, bound: 'complete', pass: outcome === 'complete' });
  report.say(`calls: ${JSON.stringify(simulator.calls)}`);
  report.atMost('SIGKILL in mid-sync: calls of both together', organizationReads(simulator.calls), 2 * callsOfOneSync, 'calls');

  const differences = await equalBy(database, simulator, Date.now() + 60_000);
  for (const difference of differences.slice(0, 5)) report.say(difference);
  report.point('SIGKILL in mid-sync: graph afterwards', {
    figure: `${differences.length} differences`,
    bound: 'equal to the organization',
    pass: differences.length === 0,
  });
}

/** How the newest sync that ended did. */
async function completion({ pool }: TestDatabase, giveUp: number): Promise<string> {
  for (;;) {
    const { rows } = await pool.query<{ outcome: string }>(
      `SELECT outcome FROM discovery.full_syncs WHERE outcome IS NOT NULL ORDER BY id DESC LIMIT 1`,
    );
    if (rows[0] !== undefined) return rows[0].outcome;
    if (Date.now() > giveUp) return 'none';
    await delay(250);
  }
}

async function equalBy({ pool }: TestDatabase, simulator: Simulator, giveUp: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(`SELECT id FROM discovery.integrations`);
  for (;;) {
    const differences = differencesOf(await readGraph(pool, rows[0]?.id ?? ''), simulator.organization);
    if (differences.length === 0 || Date.now() > giveUp) return differences;
    await delay(1000);
  }
}
