/** `npm run acceptance [-- name…]`: sets up, then the named scenarios of acceptance/, or all. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { childEnvironment, imageFlags, node24, root, setUp } from './bootstrap.mjs';
import { pythonTools } from './python-tools.mjs';

setUp();
const tools = pythonTools(root, (text) => process.stderr.write(`orgtrail: ${text}\n`));
// The bench runs in this process.
const runner = spawn(node24, [...imageFlags, path.join(root, 'acceptance', 'dist', 'main.js'), ...process.argv.slice(2)], {
  cwd: root,
  env: { ...childEnvironment(), ...tools },
  stdio: 'inherit',
});
// Ctrl-C reaches the runner by itself; here it must only not end us before.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => runner.kill('SIGTERM'));
runner.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
