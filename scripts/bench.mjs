/** `npm run bench [-- name…]`: sets up, then the named measurements of bench/, or all. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { childEnvironment, imageFlags, node24, root, setUp } from './bootstrap.mjs';

setUp();
const runner = spawn(
  node24,
  ['--expose-gc', ...imageFlags, path.join(root, 'bench', 'dist', 'main.js'), ...process.argv.slice(2)],
  {
    cwd: root,
    env: childEnvironment(),
    stdio: 'inherit',
  },
);
// Ctrl-C reaches the runner by itself; here it must only not end us before.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => runner.kill('SIGTERM'));
runner.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
