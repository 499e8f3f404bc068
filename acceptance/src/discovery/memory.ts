import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator } from '@orgtrail/aws-simulator';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import type { Report } from '../report.js';
import { freePort, startService, type ServiceProcess } from '../service-process.js';

const accounts = Number(process.env['ORGTRAIL_MEMORY_ACCOUNTS'] ?? 50_000);
const organizationalUnits = Math.round(accounts / 25);
const largestMiB = 400;
const patienceMs = 15 * 60_000;
/** All tag reads take many minutes, and no more memory than some. */
const tagReadingMs = 30_000;

/** How much memory discovery alone takes for a large organization: its first full sync, a while of the first tag reads, a second one, a light one. */
export async function memory(report: Report): Promise<void> {
  const begun = performance.now();
  const simulator = await startSimulator({ seed: 50, accounts, organizationalUnits });
  report.say(`an organization of ${accounts} accounts after ${seconds(begun)} s`);
  const database = await createTestDatabase();
  const apiPort = await freePort();
  const api = `http://127.0.0.1:${apiPort}`;
  const discovery = startService('discovery', {
    PATH: process.env['PATH'],
    DATABASE_URL: database.connectionString,
    ADMIN_HOST: '127.0.0.1',
    ADMIN_PORT: '0',
    API_PORT: String(apiPort),
    AWS_ENDPOINT_URL: simulator.endpoint,
    AWS_REGION: simulator.region,
    AWS_ACCESS_KEY_ID: simulator.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: simulator.credentials.secretAccessKey,
    AWS_RATE_SHARE: '10000',
    FULL_SYNC_INTERVAL_SECONDS: '0',
    LOG_LEVEL: 'warn',
  });
  try {
    await discovery.answering(`${api}/v1/integrations`);
    const kinds = ['full', 'full', 'light'] as const;
    for (const [position, kind] of kinds.entries()) {
      const from = performance.now();
      if (position > 0) await askSync(api, kind);
      await untilSynced(database, discovery, position + 1);
      const synced = seconds(from);
      await delay(tagReadingMs);
      report.say(`${kind} sync: ${synced} s, peak ${Math.round(await peakMiB(discovery))} MiB`);
    }
    report.atMost(
      `memory of discovery alone at ${accounts} accounts and ${organizationalUnits} OUs, limiter off, at its peak`,
      Math.round(await peakMiB(discovery)),
      largestMiB,
      'MiB',
    );
  } finally {
    await discovery.stop();
    await database.drop();
    await simulator.close();
  }
}

async function askSync(api: string, kind: 'full' | 'light'): Promise<void> {
  const { integrations } = (await (await fetch(`${api}/v1/integrations`)).json()) as { integrations: { id: string }[] };
  const answer = await fetch(`${api}/v1/integrations/${integrations[0]?.id ?? ''}/sync`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ kind }),
  });
  if (!answer.ok) throw new Error(`A ${kind} sync was refused: ${await answer.text()}`);
}

/** So many syncs have ended well. */
const untilSynced = (database: TestDatabase, discovery: ServiceProcess, count: number): Promise<void> =>
  until(database, discovery, `SELECT count(*) >= ${count} AS met FROM discovery.full_syncs WHERE outcome = 'complete'`);

async function until({ pool }: TestDatabase, discovery: ServiceProcess, question: string): Promise<void> {
  const giveUp = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await pool.query<{ met: boolean }>(question);
    if (rows[0]?.met === true) return;
    if (!discovery.isRunning() || performance.now() > giveUp) {
      throw new Error(`Discovery does not get there: ${discovery.output.join('').slice(-2000)}`);
    }
    await delay(500);
  }
}

/** The highest resident set size so far, as the kernel counts it. */
async function peakMiB({ pid }: ServiceProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error('The kernel does not tell the peak of a process here: this needs Linux.');
  return Number(kibibytes) / 1024;
}

const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;
