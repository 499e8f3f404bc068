import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from './cluster.js';
import { secondsUntil, type Surroundings } from './installation.js';
import { equalGraph, ready, release, restartsOf, selector, services, type Setting } from './setting.js';

/** First with nothing going on: not one row may change. Then while things happen: nothing may be lost. */
export async function kill({ report, cluster, surroundings }: Setting, service: (typeof services)[number]): Promise<void> {
  await quiet(surroundings);
  const before = await everyRow(surroundings);
  await crash(cluster, service);
  await ready(cluster, service);
  await delay(2_000);
  const changed = (await everyRow(surroundings)) !== before;
  report.point(`${service} crashed with nothing going on: rows of the graph and its history`, {
    figure: changed ? 'changed' : 'unchanged',
    bound: 'unchanged',
    pass: !changed,
  });

  const ways = { crashed: () => crash(cluster, service), 'its pod deleted': () => deletePod(cluster, service) };
  for (const [number, [way, end]] of Object.entries(ways).entries()) {
    const seed = services.indexOf(service) * 100 + number * 10;
    await surroundings.write(`/writes?count=10&seed=${seed}`);
    await end();
    await surroundings.write(`/writes?count=10&seed=${seed + 1}`);
    const took = await secondsUntil(async () => (await surroundings.differences()).length === 0, 150, 500);
    await equalGraph(
      report,
      surroundings,
      `${service} ${way} between 20 writes: graph, after ${took?.toFixed(1) ?? 'more than 150'} s`,
    );
    await ready(cluster, service);
  }
}

/**
 * As a crash: the process is gone between two instructions, and the same container starts again. No signal does it (the kernel keeps those
 * from inside the container away from its first process), so its own debugger does, which SIGUSR1 opens inside the pod.
 */
async function crash(cluster: Cluster, service: string): Promise<void> {
  const script = `process.kill(1, 'SIGUSR1');
    const targets = async () => (await fetch('http://127.0.0.1:9229/json')).json();
    const target = async () => { for (;;) { try { return (await targets())[0] } catch { await new Promise((wait) => setTimeout(wait, 20)) } } };
    const socket = new WebSocket((await target()).webSocketDebuggerUrl);
    await new Promise((open) => { socket.onopen = open });
    socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: 'process.abort()' } }));
    await new Promise((closed) => { socket.onclose = closed; socket.onerror = closed });`;
  const restarts = (await restartsOf(cluster, service)) + 1;
  // The container may be gone before the command in it has ended.
  await cluster
    .kubectl('exec', `deployment/${release}-orgtrail-${service}`, '--', 'node', '--input-type=module', '-e', script)
    .catch(() => undefined);
  const restarted = await secondsUntil(async () => (await restartsOf(cluster, service)) >= restarts, 60, 200);
  if (restarted === undefined) throw new Error(`${service} did not crash`);
}

/** The next pod starts beside a member of the group and claims that nobody may have given back. */
async function deletePod(cluster: Cluster, service: string): Promise<void> {
  await cluster.kubectl('delete', 'pod', '-l', selector(service), '--grace-period=0', '--force', '--wait=false');
}

/** Nothing due in discovery, and the same rows twice, five seconds apart. */
async function quiet(surroundings: Surroundings): Promise<void> {
  let before = '';
  const still = async (): Promise<boolean> => {
    const { rows } = await surroundings.pool.query<{ due: string }>(
      `SELECT count(*) AS due FROM discovery.refresh_requests WHERE lane <> 'expiry'`,
    );
    const now = `${rows[0]?.due ?? ''} ${await everyRow(surroundings)}`;
    const same = now === before && rows[0]?.due === '0';
    before = now;
    return same;
  };
  if ((await secondsUntil(still, 120, 5_000)) === undefined)
    throw new Error('Nothing happens any more, and still the graph is not quiet');
}

async function everyRow({ pool }: Surroundings): Promise<string> {
  const { rows } = await pool.query<{ digest: string }>(
    `SELECT (SELECT md5(string_agg(e::text, '' ORDER BY e.scope, e.key COLLATE "C")) FROM graph.entities e)
         || (SELECT md5(string_agg(r::text, '' ORDER BY r.scope, r.key COLLATE "C")) FROM graph.relationships r)
         || (SELECT count(*)::text FROM graph.changes) AS digest`,
  );
  return rows[0]?.digest ?? '';
}

/** A process that does not hear SIGTERM is killed after its 30 s. */
export async function signals({ report, cluster, surroundings }: Setting): Promise<void> {
  for (const service of services) {
    const pod = (
      await cluster.kubectl('get', 'pods', '-l', selector(service), '-o', 'jsonpath={.items[0].metadata.name}')
    ).trim();
    const started = performance.now();
    await cluster.kubectl('delete', 'pod', pod, '--wait', '--timeout=60s');
    report.atMost(`${service} told to stop: gone after`, (performance.now() - started) / 1000, 15, 's');
    await ready(cluster, service);
  }
  const { repository } = surroundings.values.image;
  await cluster.apply([waitingPod(`${repository}/discovery:test`)]);
  await cluster.kubectl('wait', 'pod/waiting', '--for=condition=Ready', '--timeout=60s');
  await delay(3_000);
  const started = performance.now();
  await cluster.kubectl('delete', 'pod', 'waiting', '--wait', '--timeout=60s');
  report.atMost(
    'discovery told to stop while it waits for its database: gone after',
    (performance.now() - started) / 1000,
    15,
    's',
  );
}

const waitingPod = (image: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'waiting' },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'discovery',
        image,
        imagePullPolicy: 'IfNotPresent',
        // Nobody answers there, and nobody refuses: the address of documentation.
        env: [{ name: 'DATABASE_URL', value: 'postgres://nobody@192.0.2.1:5432/none' }],
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      },
    ],
  },
});
