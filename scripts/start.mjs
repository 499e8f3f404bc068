/** `npm start [-- options]`: sets up, then runs `orgtrail up --demo` on Node 24. `--no-demo` runs it on your own AWS organization. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { setInterval } from 'node:timers';
import { childEnvironment, node24, root, setUp } from './bootstrap.mjs';

/** Two signals closer together than this are one press of Ctrl-C. */
const onePressMs = 500;

setUp();
const given = process.argv.slice(2);
const options = given.includes('--no-demo') ? given.filter((option) => option !== '--no-demo') : ['--demo', ...given];
const orgtrail = spawn(node24, [path.join(root, 'cli', 'dist', 'main.js'), 'up', ...options], {
  env: childEnvironment(),
  // Nothing reads standard input, and a terminal's would fail in another session.
  stdio: ['ignore', 'inherit', 'inherit'],
  // The terminal sends Ctrl-C to its whole foreground group, and npm hands it on to us once more. `up` takes a second signal for
  // "at once": so it gets a group of its own, and from us one signal for each press.
  detached: true,
});

let lastForwarded = -Infinity;
const forward = (signal) => {
  const now = Date.now();
  if (now - lastForwarded < onePressMs) return;
  lastForwarded = now;
  orgtrail.kill(signal);
};
process.on('SIGINT', () => forward('SIGINT'));
process.on('SIGTERM', () => forward('SIGTERM'));
// The terminal was closed: nobody else tells it.
process.on('SIGHUP', () => forward('SIGTERM'));
// npm hands SIGTERM to the shell between us, which dies of it without a word to us.
const parent = process.ppid;
if (process.env.npm_lifecycle_event !== undefined) {
  setInterval(() => process.ppid !== parent && lastForwarded === -Infinity && forward('SIGTERM'), 250).unref();
}

orgtrail.on('error', (error) => {
  process.stderr.write(`orgtrail: cannot run ${node24}: ${error.message}\n`);
  process.exit(1);
});
orgtrail.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
