import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { jest } from './command.js';
import { wholeSuiteCallsWhatPoliciesAllow } from './onboarding/whole-suite-actions.js';
import { breakAndMend } from './onboarding/break-and-mend.js';
import { followTheDocument } from './onboarding/follow-the-document.js';
import type { Report } from './report.js';

/** Issue "Onboarding": from nothing to connected in six actions, four ways, and a doctor. */
export async function run(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-acceptance-'));
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres'), fast: true });
  process.env['ORGTRAIL_TEST_DATABASE'] = postgres.connectionString;
  try {
    await followTheDocument(report);
    await breakAndMend(report);
    await namedTests(report);
    await wholeSuiteCallsWhatPoliciesAllow(report);
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is settled by tests that Jest runs: named here so that they cannot vanish unseen. */
async function namedTests(report: Report): Promise<void> {
  const onboarding = 'services/discovery/src/onboarding';
  const suites: [string, string[]][] = [
    [
      'links, templates under cfn-lint, Terraform under an HCL parser, quoting, the same trust from all four ways',
      [`${onboarding}/cloudformation`, `${onboarding}/ways.test.ts`, `${onboarding}/quoting.test.ts`],
    ],
    [
      'CloudFormation and console done in the simulated AWS: the role admits exactly our principal with the external id, and may do exactly what it should',
      [`${onboarding}/ways-in-the-simulator.test.ts`],
    ],
    ['the scripts in the simulated AWS and in moto: the same role; twice, as a dry run, undone', [`${onboarding}/cli`]],
    ["enable-events: plans, twice, undo; what is somebody else's stays", ['packages/aws/src/event-path']],
    ['through a CONNECT proxy', ['packages/aws/src/proxy']],
  ];
  for (const [name, files] of suites) {
    const ended = await jest(files);
    const passed = /Tests:\s+(?:\d+ failed, )?(?:\d+ skipped, )?(\d+) passed/.exec(ended.stderr)?.[1] ?? '0';
    const skipped = /(\d+) skipped/.exec(ended.stderr)?.[1] ?? '0';
    report.point(name, {
      figure: `exit ${String(ended.code)}, ${passed} tests, ${skipped} skipped`,
      bound: 'exit 0, at least 1 test, none skipped',
      pass: ended.code === 0 && passed !== '0' && skipped === '0',
    });
  }
}
