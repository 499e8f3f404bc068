import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { startKafka } from '@orgtrail/testkit';
import { jest } from './command.js';
import { badInput, demoLives, verifyNamesADifference } from './main-job/printed.js';
import { converges, costsOfAFullSync, postgresGoesAndComesBack, quarantine } from './main-job/pipeline-runs.js';
import type { Report } from './report.js';

/** Issue "Main job": from an AWS organization to a graph in Postgres. */
export async function run(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-acceptance-'));
  const kafka = await startKafka();
  const postgres = await startEmbeddedPostgres({ dataDirectory: join(folder, 'postgres'), fast: true });
  process.env['ORGTRAIL_TEST_DATABASE'] = postgres.connectionString;
  try {
    let missed = 0;
    for (const seed of [1, 2, 3, 4, 5]) missed += await converges(report, seed, kafka.brokers);
    report.atLeast('lost events repaired and counted as missed, seeds 1 to 5', missed, 1);
    await costsOfAFullSync(report);
    await demoLives(report, folder);
    await postgresGoesAndComesBack(report);
    await verifyNamesADifference(report);
    await badInput(report);
    await quarantine(report);
    await namedTests(report);
  } finally {
    await postgres.stop();
    await kafka.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What is settled by tests that Jest runs: named here so that they cannot vanish unseen. */
async function namedTests(report: Report): Promise<void> {
  const suites: [string, string][] = [
    ['any order and repetition of reads gives the same subject', 'services/discovery/src/observed/merge.test.ts'],
    [
      'any order and repetition of graph changes gives the same graph',
      'services/graph-writer/src/model-based.integration.test.ts',
    ],
    ['the 41 CloudTrail samples: a table file -> hints or no-op', 'services/discovery/src/events/samples.test.ts'],
  ];
  for (const [name, file] of suites) {
    const ended = await jest([file, '--selectProjects', file.includes('.integration.') ? 'integration' : 'unit']);
    const passed = /Tests:\s+(\d+) passed/.exec(ended.stderr)?.[1] ?? '0';
    report.point(name, {
      figure: `exit ${String(ended.code)}, ${passed} tests`,
      bound: 'exit 0, at least 1 test',
      pass: ended.code === 0 && passed !== '0',
    });
  }
}
