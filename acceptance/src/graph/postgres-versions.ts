import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Report } from '../report.js';

const script = join(import.meta.dirname, '..', '..', '..', 'scripts', 'test-postgres.mjs');
const versions = ['16', '18'] as const;

/** The suites that speak SQL, on the oldest and the newest PostgreSQL that are supported. */
export async function postgresVersions(report: Report): Promise<void> {
  for (const version of versions) {
    const tests = spawn(process.execPath, [script, version], { stdio: ['ignore', 'pipe', 'pipe'] });
    // Some hundred lines of Jest, of which only the failures are worth a look.
    const [said, talk, [code]] = await Promise.all([text(tests.stdout), text(tests.stderr), once(tests, 'close')]);
    if (code !== 0) report.say(talk);
    report.point(`SQL suites on ${said.trim().split(':')[0] ?? version}`, {
      figure: said.trim().split(': ')[1] ?? 'no outcome',
      bound: '0 failed',
      pass: code === 0,
    });
  }
}
