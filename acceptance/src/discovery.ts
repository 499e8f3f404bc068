import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { lostHour } from './discovery/lost-hour.js';
import { memory } from './discovery/memory.js';
import { ownerKilled } from './discovery/owner-killed.js';
import { reads } from './discovery/reads.js';
import { sameOnMoto } from './discovery/same-on-moto.js';
import { tags } from './discovery/tags.js';
import { webhook } from './discovery/webhook.js';
import type { Report } from './report.js';

type Part = (report: Report) => Promise<void>;

/** One round after the other, since they measure; the parts of one round wait for AWS's rates most of the time, and leave each other room. */
const rounds: readonly Readonly<Record<string, Part>>[] = [
  { sameOnMoto },
  { lostHour },
  { ownerKilled },
  { webhook },
  { memory },
  { reads, tags },
];

/** Issue "Discovery": every event, the cheapest reads, AWS's limits, and proof that nothing was missed. */
export async function run(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-acceptance-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres'), fast: true });
  process.env['ORGTRAIL_TEST_DATABASE'] = postgres.connectionString;
  try {
    for (const round of rounds) await runTogether(round, report);
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What one part throws is a failed point of its own: the others still tell what they measure. */
async function runTogether(round: Readonly<Record<string, Part>>, report: Report): Promise<void> {
  const chosen = Object.entries(round).filter(([name]) => isChosen(name));
  await Promise.all(
    chosen.map(async ([name, part]) => {
      report.say(name);
      try {
        await part(report);
      } catch (error) {
        report.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
        report.point(`${name} runs to its end`, { figure: String(error), bound: 'no error', pass: false });
      }
    }),
  );
}

/** `ORGTRAIL_ACCEPTANCE_ONLY=sameOnMoto,…`, for whoever works on one of them; all by default. */
function isChosen(name: string): boolean {
  const only = process.env['ORGTRAIL_ACCEPTANCE_ONLY']?.split(',');
  return only === undefined || only.includes(name);
}
