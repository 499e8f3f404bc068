import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { exactly } from './members-walk.js';
import type { Report } from './report.js';

const rolePath = 'security/orgtrail';
const externalId = 'acceptance-under-fire';

/** Discovery as a process of its own. */
function startDiscovery(simulator: Simulator, database: TestDatabase, more: Record<string, string> = {}): ChildProcess {
  const { accessKeyId, secretAccessKey } = simulator.credentialsFor(simulator.foreignAccountId);
  return spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'services', 'discovery', 'dist', 'main.js')], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      AWS_EC2_METADATA_DISABLED: 'true',
      DATABASE_URL: database.connectionString,
      AWS_ENDPOINT_URL: simulator.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_RATE_SHARE: '1000',
      ADMIN_HOST: '127.0.0.1',
      ADMIN_PORT: '0',
      API_PORT: '0',
      LOG_LEVEL: 'error',
      ORGTRAIL_ROLE_ARN: `arn:aws:iam::${simulator.organization.managementAccount.id}:role/${rolePath}`,
      ORGTRAIL_EXTERNAL_ID: externalId,
      ...more,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}

function putRoles(simulator: Simulator): void {
  simulator.actions.putRoleInEveryAccount({
    roleName: rolePath,
    trustedPrincipal: `arn:aws:iam::${simulator.foreignAccountId}:root`,
    externalId,
  });
}

async function statuses({ pool }: TestDatabase): Promise<Record<string, number>> {
  const { rows } = await pool
    .query<{ status: string; count: number }>(`SELECT status, count(*)::int AS count FROM discovery.members GROUP BY status`)
    .catch(() => ({ rows: [] }));
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

async function until(condition: () => Promise<boolean>, seconds: number): Promise<number> {
  const begun = performance.now();
  while ((performance.now() - begun) / 1000 < seconds) {
    if (await condition()) return (performance.now() - begun) / 1000;
    await delay(250);
  }
  return Infinity;
}

async function kill(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await gone;
}

/** Discovery is killed 20 times while 300 members are reconciled. */
export async function killedAgainAndAgain(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 23, accounts: 301, organizationalUnits: 20 });
  putRoles(simulator);
  const database = await createTestDatabase();
  const begun = Date.now();
  let child = startDiscovery(simulator, database);
  try {
    for (let killed = 0; killed < 20; killed += 1) {
      await delay(1_200 + (killed % 5) * 400);
      await kill(child, 'SIGKILL');
      child = startDiscovery(simulator, database);
    }
    report.say(`after 20 kills: ${JSON.stringify(await statuses(database))}`);
    const expected = expectedStatuses(simulator);
    await until(async () => same(await statuses(database), expected), 360);
    const found = await statuses(database);
    report.point('300 members, discovery killed 20 times: final states', {
      figure: JSON.stringify(found),
      bound: JSON.stringify(expected),
      pass: same(found, expected),
    });
    const verifications = new Map<string, number>();
    for (const { roleArn, outcome, at } of simulator.roleAssumptions) {
      const ofMember = !roleArn.includes(`:${simulator.organization.managementAccount.id}:`);
      if (ofMember && outcome === 'assumed' && at - begun < 300_000)
        verifications.set(roleArn, (verifications.get(roleArn) ?? 0) + 1);
    }
    report.atMost('verifications of one member in the first 5 minutes', Math.max(...verifications.values()), 3);
  } finally {
    await kill(child, 'SIGTERM');
    await database.drop();
    await simulator.close();
  }
}

/** 5,000 members at the usual 20 a second. */
export async function fiveThousand(report: Report): Promise<void> {
  const simulator = await startSimulator({ seed: 24, accounts: 5_001, organizationalUnits: 200 });
  putRoles(simulator);
  const database = await createTestDatabase();
  const child = startDiscovery(simulator, database);
  try {
    const verified = async () => (await statuses(database))['CONNECTED'] ?? 0;
    await until(async () => (await verified()) > 50, 300);
    const [residentBefore, begun, already] = [residentMegabytes(child), performance.now(), await verified()];
    const expected = expectedStatuses(simulator);
    await until(async () => (await verified()) >= (expected['CONNECTED'] ?? 0), 600);
    const seconds = (performance.now() - begun) / 1000;
    report.say(
      `${await verified()} connected, ${already} before the measurement, ${seconds.toFixed(0)} s, ${residentBefore} MB -> ${residentMegabytes(child)} MB`,
    );
    const rate = ((await verified()) - already) / seconds;
    report.atMost('5,000 members verified', 5_000 / rate, 360, 's');
    report.atMost('growth of resident memory meanwhile', residentMegabytes(child) - residentBefore, 100, 'MB');
    report.point('final states', {
      figure: JSON.stringify(await statuses(database)),
      bound: JSON.stringify(expected),
      pass: same(await statuses(database), expected),
    });
    report.point('members that were skipped and yet assumed', exactly(skippedAndAssumed(simulator), 0));
  } finally {
    await kill(child, 'SIGTERM');
    await database.drop();
    await simulator.close();
  }
}

function expectedStatuses(simulator: Simulator): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { id, state, tags } of simulator.organization.accounts.values()) {
    if (id === simulator.organization.managementAccount.id) continue;
    const status =
      state === 'CLOSED' || state === 'SUSPENDED' ? state : tags.get('j1-integration') === 'SKIP' ? 'SKIPPED' : 'CONNECTED';
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}

function skippedAndAssumed(simulator: Simulator): number {
  const skipped = [...simulator.organization.accounts.values()].filter(({ tags }) => tags.get('j1-integration') === 'SKIP');
  return skipped.filter(({ id }) => simulator.roleAssumptions.some(({ roleArn }) => roleArn.split(':')[4] === id)).length;
}

function same(left: Record<string, number>, right: Record<string, number>): boolean {
  const flat = (counts: Record<string, number>) => JSON.stringify(Object.entries(counts).sort());
  return flat(left) === flat(right);
}

/** Of a process, as Linux says. */
function residentMegabytes({ pid }: ChildProcess): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8'))?.[1];
  return Math.round(Number(kilobytes ?? NaN) / 1024);
}
