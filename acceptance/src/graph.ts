import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { backlog } from './graph/backlog.js';
import { feed } from './graph/feed.js';
import { killed } from './graph/killed.js';
import { latency } from './graph/latency.js';
import { poison } from './graph/poison.js';
import { queries } from './graph/queries.js';
import { sickness } from './graph/sickness.js';
import { postgresVersions } from './graph/postgres-versions.js';
import { speed } from './graph/speed.js';
import type { Report } from './report.js';

type Part = (report: Report) => Promise<void>;

/** One after the other, since they measure. */
const parts: Readonly<Record<string, Part>> = {
  postgresVersions,
  poison,
  sickness,
  killed,
  feed,
  latency,
  queries,
  speed,
  backlog,
};

/** Issue "Graph": atomic, versioned, with history, and never wrongly deleted. */
export async function run(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-acceptance-'));
  // Waits for the disk at each commit, as in production.
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres') });
  process.env['ORGTRAIL_TEST_DATABASE'] = postgres.connectionString;
  try {
    for (const [name, part] of Object.entries(parts)) if (isChosen(name)) await runPart(name, { part, report });
  } finally {
    await postgres.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What one part throws is a failed point of its own: the others still tell what they measure. */
async function runPart(name: string, { part, report }: { part: Part; report: Report }): Promise<void> {
  report.say(name);
  try {
    await part(report);
  } catch (error) {
    report.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    report.point(`${name} runs to its end`, { figure: String(error), bound: 'no error', pass: false });
  }
}

/** `ORGTRAIL_ACCEPTANCE_ONLY=poison,…`, for whoever works on one of them; all by default. */
function isChosen(name: string): boolean {
  const only = process.env['ORGTRAIL_ACCEPTANCE_ONLY']?.split(',');
  return only === undefined || only.includes(name);
}
