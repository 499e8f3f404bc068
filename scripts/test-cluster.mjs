/** `npm run test:cluster`: sets up, then the chart on a real Kubernetes (docs/cluster-test.md). */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { childEnvironment, node24, root, setUp } from './bootstrap.mjs';

setUp();
const { kubernetesTools } = await import('./kubernetes-tools.mjs');
const say = (text) => process.stderr.write(`orgtrail: ${text}\n`);
const test = spawn(node24, [path.join(root, 'acceptance', 'dist', 'cluster', 'main.js'), ...process.argv.slice(2)], {
  cwd: root,
  env: { ...childEnvironment(), ...kubernetesTools(root, say) },
  stdio: 'inherit',
});
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => test.kill('SIGTERM'));
test.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
