/**
 * `npm test`: sets up, then every check and all tests; the last line is `N passed, N failed` (and `, N skipped`). A check beside
 * Jest counts as one. Arguments after `--` go to Jest, and then only Jest runs. ORGTRAIL_FAIL_ON_SKIPPED=1 fails on a skipped test.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build, checkNode, childEnvironment, install, node24, root, seconds } from './bootstrap.mjs';
import { groups } from './checks.mjs';
import { pythonTools } from './python-tools.mjs';

const say = (text) => process.stderr.write(`orgtrail: ${text}\n`);
const print = (text) => process.stdout.write(`${text}\n`);
const count = { passed: 0, failed: 0, skipped: 0 };

checkNode();
install(say);
// It needs what was just installed.
const { kubernetesTools } = await import('./kubernetes-tools.mjs');

const jestArguments = process.argv.slice(2);
const everything = jestArguments.length === 0;
/** What simulators saw the product call. */
const actions = path.join(root, '.cache', `actions-${process.pid}.jsonl`);
process.on('exit', () => rmSync(actions, { force: true }));
step('build', () => tally(build(say)));
if (everything) {
  for (const { heading, checks } of groups) step(heading, () => checks.every(({ name, command }) => tally(run(command), name)));
}
step('jest', runJest);
// A part of the tests calls a part of the actions.
if (everything)
  step('least privilege', () => tally(run(['scripts/check-actions.mjs', actions]), 'actions called = actions allowed'));

const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : '';
const skippedFails = count.skipped > 0 && process.env.ORGTRAIL_FAIL_ON_SKIPPED === '1';
if (skippedFails) print('\nSkipped tests count as a failure here (ORGTRAIL_FAIL_ON_SKIPPED=1).');
print(`\n${count.passed} passed, ${count.failed} failed${skipped}`);
process.exit(count.failed > 0 || skippedFails ? 1 : 0);

function step(heading, work) {
  const started = Date.now();
  print(`\n== ${heading}`);
  work();
  print(`== ${heading}: ${seconds(started)}`);
}

function tally(ok, name) {
  count[ok ? 'passed' : 'failed'] += 1;
  if (name !== undefined) print(`${ok ? 'passed' : 'FAILED'}: ${name}`);
  return ok;
}

function run(command, environment = {}) {
  return (
    spawnSync(node24, command, {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...childEnvironment(), ...environment },
    }).status === 0
  );
}

function runJest() {
  const report = path.join(root, '.cache', `jest-${process.pid}.json`);
  mkdirSync(path.dirname(report), { recursive: true });
  const tools = { ...kubernetesTools(root, say), ...pythonTools(root, say) };
  const ok = run(
    [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'],
      ...['--json', `--outputFile=${report}`, ...jestArguments],
    ],
    { ...tools, ...(everything ? { ORGTRAIL_SIMULATOR_ACTIONS: actions } : {}) },
  );
  const failedBefore = count.failed;
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    count.passed += result.numPassedTests;
    // A suite that cannot even be loaded has no tests to fail.
    count.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
    count.skipped += result.numPendingTests + result.numTodoTests;
    for (const name of skippedTests(result)) print(`SKIPPED: ${name}`);
  } catch {
    // Jest ended before it could report: its output above says why.
  } finally {
    rmSync(report, { force: true });
  }
  // A failure outside any test: the global set-up, or a process that Jest could not end.
  if (!ok && count.failed === failedBefore) count.failed += 1;
}

function skippedTests({ testResults }) {
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'pending' || status === 'todo').map(({ fullName }) => fullName),
  );
}
