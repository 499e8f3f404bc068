/**
 * `moto_server`, the AWS that we did not write, for the test that compares with it: from PyPI into a virtual environment of its
 * own below .cache. Without Python the test is SKIPPED, visibly.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';

const version = '5.2.5';

/** The path of moto_server, or undefined after saying why there is none. */
export function motoServer(root, say) {
  const given = process.env.ORGTRAIL_TEST_MOTO_SERVER;
  if (given) return given;
  const folder = path.join(root, '.cache', `moto-${version}`);
  const server = path.join(folder, 'bin', 'moto_server');
  if (existsSync(server)) return server;
  if (spawnSync('python3', ['--version'], { stdio: 'ignore' }).status !== 0) {
    say('there is no python3: the tests that compare with moto will be SKIPPED');
    return undefined;
  }
  say(`installing moto ${version} (first test only, about 30 s)…`);
  // A virtual environment holds its own path, so it is made in place, and removed when anything fails.
  const steps = [
    ['python3', '-m', 'venv', folder],
    [path.join(folder, 'bin', 'pip'), 'install', '--quiet', '--disable-pip-version-check', `moto[server]==${version}`],
  ];
  for (const [command, ...arguments_] of steps) {
    if (spawnSync(command, arguments_, { stdio: ['ignore', 2, 2] }).status === 0) continue;
    rmSync(folder, { recursive: true, force: true });
    say('moto could not be installed, see above: the tests that compare with it will be SKIPPED');
    return undefined;
  }
  return server;
}
