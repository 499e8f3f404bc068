import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { lostHour } from './discovery/lost-hour.js';
import { ownerKilled } from './discovery/owner-killed.js';
import { sameOnMoto } from './discovery/same-on-moto.js';
import { webhook } from './discovery/webhook.js';
import type { Report } from './report.js';

/** Issue "Discovery": every event, the cheapest reads, AWS's limits, and proof that nothing was missed. */
export async function run(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-acceptance-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres'), fast: true });
  process.env['ORGTRAIL_TEST_DATABASE'] = postgres.connectionString;
  try {
    for (const [name, part] of Object.entries(chosen())) {
      report.say(name);
      await part(report);
    }
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each measures alone: one after the other. */
const parts: Readonly<Record<string, (report: Report) => Promise<void>>> = { sameOnMoto, lostHour, ownerKilled, webhook };

/** `ORGTRAIL_ACCEPTANCE_ONLY=sameOnMoto,…`, for whoever works on one of them; all by default. */
function chosen(): typeof parts {
  const only = process.env['ORGTRAIL_ACCEPTANCE_ONLY']?.split(',');
  return only === undefined ? parts : Object.fromEntries(Object.entries(parts).filter(([name]) => only.includes(name)));
}
