/**
 * From a fresh clone to something that runs: dependencies, Node 24 (it comes as an npm package), build. Each step runs only when
 * its input changed. Plain JavaScript for Node 20, because this is what the user has before anything is installed. All it says
 * goes to standard error: standard output belongs to whoever called.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { changedSources, markBuilt } from './build-stamp.mjs';
import { installedAsLocked, markInstalled } from './install-stamp.mjs';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** The Node that everything runs on, whatever started us. */
export const node24 = path.join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** How the images start Node (docker/Dockerfile), for what measures it. */
export const imageFlags = ['--max-semi-space-size=16'];

/** Environment for child processes: a plain `node` is Node 24, and the installed commands are found. */
export function childEnvironment() {
  const paths = [path.dirname(node24), path.join(root, 'node_modules', '.bin'), process.env.PATH ?? ''];
  return { ...process.env, PATH: paths.join(path.delimiter), TURBO_TELEMETRY_DISABLED: '1' };
}

/** Ends the process with one clear sentence when a step fails. */
export function setUp({ quiet = false } = {}) {
  const say = (text) => quiet || process.stderr.write(`orgtrail: ${text}\n`);
  checkNode();
  install(say);
  if (!build(say)) fail('the build failed, see above');
}

export function checkNode() {
  const major = Number(process.versions.node.split('.', 1)[0]);
  if (major < 20) {
    fail(
      `Node.js 20 or newer is needed to begin, and this is ${process.versions.node}. Get a newer one from https://nodejs.org/`,
    );
  }
}

export function install(say) {
  if (!installedAsLocked(root)) {
    const first = !existsSync(path.join(root, 'node_modules'));
    const started = Date.now();
    say(`installing dependencies (${first ? 'first start only' : 'they changed'}, about 30 s)…`);
    // Not `npm ci`: it refuses a lock file that lacks the binaries of other platforms, as one written behind a registry mirror
    // does. `--no-save` installs what the lock file says all the same, and leaves it alone.
    const outcome = npm(['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
    if (outcome !== 0)
      fail('the dependencies could not be installed, see above. A network that reaches the npm registry is needed once');
    say(`installed in ${seconds(started)}`);
  }
  if (!runs(node24)) {
    // Where npm does not run install scripts, the package of Node 24 is there without its binary.
    spawnSync(process.execPath, ['installArchSpecificPackage'], {
      cwd: path.join(root, 'node_modules', 'node'),
      stdio: ['ignore', 2, 2],
    });
    if (!runs(node24)) fail(`the npm package "node" has no Node 24 for this machine (${process.platform} ${process.arch})`);
  }
  markInstalled(root);
}

/** True when everything is built. */
export function build(say) {
  const changed = changedSources(root);
  if (changed === undefined) return true;
  const started = Date.now();
  say('building what changed (at first about 30 s)…');
  const turbo = path.join(root, 'node_modules', 'turbo', 'bin', 'turbo');
  const { status, stdout, stderr } = spawnSync(node24, [turbo, 'run', 'build', '--concurrency=2', '--output-logs=errors-only'], {
    cwd: root,
    env: childEnvironment(),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) {
    process.stderr.write(stdout + stderr);
    return false;
  }
  markBuilt(root, changed);
  say(`built in ${seconds(started)}`);
  return true;
}

function fail(sentence) {
  process.stderr.write(`orgtrail: ${sentence}\n`);
  process.exit(1);
}

export const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** The npm that runs us, else the one on the PATH. */
function npm(arguments_) {
  const given = process.env.npm_execpath;
  const [command, first] = given?.endsWith('.js') ? [process.execPath, [given]] : ['npm', []];
  // What npm prints on its standard output is talk, too.
  return spawnSync(command, [...first, ...arguments_], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  }).status;
}

function runs(node) {
  return spawnSync(node, ['--version'], { stdio: 'ignore' }).status === 0;
}
