import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { jest } from './command.js';
import { skipIsLive } from './members-skip.js';
import { fiveThousand, killedAgainAndAgain } from './members-under-fire.js';
import { walk } from './members-walk.js';
import type { Report } from './report.js';

/** Issue "Members": one integration configures the whole organization. */
export async function run(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-acceptance-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres'), fast: true });
  process.env['ORGTRAIL_TEST_DATABASE'] = postgres.connectionString;
  try {
    await walk(report);
    await skipIsLive(report);
    await killedAgainAndAgain(report);
    await fiveThousand(report);
    await namedTests(report);
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is settled by tests that Jest runs: named here so that they cannot vanish unseen. */
async function namedTests(report: Report): Promise<void> {
  const suites: [string, string[]][] = [
    [
      'all cells of the decision table, random organizations and tag histories',
      ['services/discovery/src/members/decision-table.test.ts', 'services/discovery/src/members/histories.test.ts'],
    ],
    [
      'every cause code on the simulator, with the text that a user sees',
      ['packages/aws/src/role-verifier.test.ts', 'services/discovery/src/members/causes.test.ts'],
    ],
    ['every route of the API asks for its role', ['services/discovery/src/api']],
  ];
  for (const [name, files] of suites) {
    const ended = await jest(files);
    const passed = /Tests:\s+(?:\d+ failed, )?(\d+) passed/.exec(ended.stderr)?.[1] ?? '0';
    report.point(name, {
      figure: `exit ${String(ended.code)}, ${passed} tests`,
      bound: 'exit 0, at least 1 test',
      pass: ended.code === 0 && passed !== '0',
    });
  }
}
