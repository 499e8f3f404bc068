/** The scenario of `npm run test:cluster`, in the cluster's network: see main.ts. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createReport, type Measurement } from '../report.js';
import { createCluster } from './cluster.js';
import type { Handover } from './handover.js';
import { startSurroundings } from './installation.js';
import { runPoints } from './points.js';

const root = path.resolve(import.meta.dirname, '..', '..', '..');
const started = performance.now();
const handover = JSON.parse(await readFile(process.argv[2] ?? '', 'utf8')) as Handover;
const points: (Measurement & { name: string })[] = [];
const report = createReport(
  'cluster',
  (line) => void process.stdout.write(`${line}\n`),
  (line) => void process.stderr.write(`${line}\n`),
  (point) => points.push(point),
);
const program = (variable: string): string => {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} names no program`);
  return value;
};
const cluster = createCluster(`orgtrail-test-${Date.now().toString(36)}`, {
  kubectl: program('ORGTRAIL_TEST_KUBECTL'),
  helm: program('ORGTRAIL_TEST_HELM4'),
});

// Whoever interrupts it does not want to find it there tomorrow.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => {
    void cluster
      .kubectlEverywhere('delete', 'namespace', cluster.namespace, '--wait=false', '--ignore-not-found')
      .finally(() => process.exit(code));
  });

let kubernetes = 'unknown';
try {
  kubernetes = (JSON.parse(await cluster.kubectlEverywhere('version', '-o', 'json')) as { serverVersion: { gitVersion: string } })
    .serverVersion.gitVersion;
  report.say(`Kubernetes ${kubernetes}, namespace ${cluster.namespace}`);
  await cluster.kubectlEverywhere('create', 'namespace', cluster.namespace);
  await cluster.kubectlEverywhere('label', 'namespace', cluster.namespace, 'pod-security.kubernetes.io/enforce=restricted');
  const surroundings = await startSurroundings(cluster, handover.repository);
  try {
    await runPoints({ report, cluster, surroundings, built: handover.built });
  } finally {
    await surroundings.stop();
  }
} catch (error) {
  const reason = error instanceof Error ? error.message : String(error);
  report.point('runs to its end', { figure: reason, bound: 'no error', pass: false });
  // What the pods said is gone with the namespace.
  for (const look of [
    ['get', 'pods', '-o', 'wide'],
    ['get', 'events', '--sort-by=.lastTimestamp'],
    ['logs', '-l', 'app.kubernetes.io/part-of=orgtrail', '--tail=30', '--prefix'],
  ])
    process.stderr.write(await cluster.kubectl(...look).catch(String));
} finally {
  await cluster
    .kubectlEverywhere('delete', 'namespace', cluster.namespace, '--timeout=120s')
    .catch((error: unknown) => report.say(String(error)));
}
const total = (Date.now() - Date.parse(handover.startedAt)) / 1000;
report.atMost('everything, images included', total / 60, 20, 'min');
const { passed, failed } = report;
await writeFile(
  path.join(root, 'cluster-report.json'),
  `${JSON.stringify({ startedAt: handover.startedAt, seconds: Math.round(total), kubernetes, built: handover.built, passed, failed, points }, undefined, 2)}\n`,
);
report.say(`${passed} passed, ${failed} failed, ${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exit(failed > 0 ? 1 : 0);
