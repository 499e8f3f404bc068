/**
 * `npm run test:cluster`: builds the images of this tree, installs the chart on a real Kubernetes, and measures what it promises. One line per
 * point on standard output; all of it again in cluster-report.json. The exit code is 1 on any FAIL.
 */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Handover } from './handover.js';
import { buildImages } from './images.js';
import { findPlace } from './place.js';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const started = performance.now();
const talk = (line: string): void =>
  void process.stderr.write(`cluster: ${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${line}\n`);

try {
  const startedAt = new Date().toISOString();
  const place = await findPlace(root, talk);
  // For work on the scenario itself: the other images are those of the last run.
  const only = /^--images=(.*)$/.exec(process.argv[2] ?? '')?.[1]?.split(',');
  const built = await buildImages(place, root, { only, talk });
  const handover: Handover = { startedAt, repository: place.repository, built };
  const file = path.join(root, '.cache', 'cluster', 'handover.json');
  await writeFile(file, JSON.stringify(handover));
  // The scenario runs where the cluster's network is.
  const [program, ...args] = [...place.prefix, process.execPath, path.join(import.meta.dirname, 'scenario.js'), file];
  const scenario = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...place.environment } });
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => scenario.kill('SIGTERM'));
  scenario.once('exit', (code) => process.exit(code ?? 1));
} catch (error) {
  talk(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
