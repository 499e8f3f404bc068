import { setTimeout as delay } from 'node:timers/promises';
import { chart } from './chart.js';
import type { Report } from '../report.js';
import type { Cluster } from './cluster.js';
import { secondsUntil, type Surroundings } from './installation.js';

const release = 'live';
const services = ['discovery', 'account-mapper', 'graph-writer'] as const;
const selector = (service?: string): string =>
  [`app.kubernetes.io/instance=${release}`, ...(service === undefined ? [] : [`app.kubernetes.io/component=${service}`])].join(
    ',',
  );

interface Setting {
  report: Report;
  cluster: Cluster;
  surroundings: Surroundings;
  /** Seconds by image. */
  built: Record<string, number>;
}

export async function runPoints(setting: Setting): Promise<void> {
  const { report, built } = setting;
  for (const [name, seconds] of Object.entries(built)) report.say(`image ${name}: ${seconds.toFixed(0)} s`);
  await install(setting);
  await lookInside(setting);
  await events(setting);
  for (const service of services) await kill(setting, service);
  await upgrade(setting);
  await signals(setting);
  await uninstall(setting);
}

async function install({ report, cluster, surroundings }: Setting): Promise<void> {
  const started = performance.now();
  await cluster.helm('install', release, chart, '--wait', '--timeout', '180s', '--set-json', JSON.stringify(surroundings.values));
  report.atMost('helm install --wait, into a namespace that enforces restricted', (performance.now() - started) / 1000, 120, 's');
  const equal = await secondsUntil(async () => (await surroundings.differences()).length === 0, 180, 500);
  await equalGraph(report, surroundings, `graph after the install, 200 accounts, ${equal?.toFixed(1) ?? 'more than 180'} s`);

  const { accounts, managementAccount } = await surroundings.truth();
  const active = [...accounts.values()].filter(({ id, state }) => state === 'ACTIVE' && id !== managementAccount.id).length;
  const connected = async () =>
    Number(
      (
        await surroundings.pool.query<{ n: string }>(
          "SELECT count(*) AS n FROM graph.members WHERE status IN ('CONNECTED', 'SKIPPED')",
        )
      ).rows[0]?.n,
    );
  const took = await secondsUntil(async () => (await connected()) >= active, 180, 500);
  report.point(`members connected or skipped, of ${active} active member accounts, ${took?.toFixed(1) ?? 'more than 180'} s`, {
    figure: await connected(),
    bound: active,
    pass: (await connected()) === active,
  });
}

/** Read from inside the running containers: what the image and the pod really are. */
async function lookInside({ report, cluster }: Setting): Promise<void> {
  const question = `const fs=require('node:fs');
    const write=(f)=>{try{fs.writeFileSync(f,'');return 'written'}catch(e){return e.code}};
    console.log(JSON.stringify({uid:process.getuid(),pid1:fs.readFileSync('/proc/1/cmdline','utf8').split('\\0')[0],root:write('/x'),app:write('/app/x'),tmp:write('/tmp/x'),
      token:fs.existsSync('/var/run/secrets/kubernetes.io'),typescript:fs.existsSync('/app/node_modules/typescript'),sources:fs.existsSync('src'),
      caps:/CapEff:\\s*(\\S+)/.exec(fs.readFileSync('/proc/self/status','utf8'))[1]}))`;
  const expected = {
    uid: 10001,
    pid1: 'node',
    root: 'EROFS',
    app: 'EROFS',
    tmp: 'written',
    token: false,
    typescript: false,
    sources: false,
    caps: '0000000000000000',
  };
  for (const service of services) {
    const found = (
      await cluster.kubectl('exec', `deployment/${release}-orgtrail-${service}`, '--', 'node', '-e', question)
    ).trim();
    report.point(`inside ${service}`, {
      figure: found,
      bound: JSON.stringify(expected),
      pass: found === JSON.stringify(expected),
    });
  }
}

async function events({ report, surroundings }: Setting): Promise<void> {
  const { accounts, managementAccount } = await surroundings.truth();
  const chosen = [...accounts.values()]
    .filter(({ id, state, tags }) => id !== managementAccount.id && state === 'ACTIVE' && tags.size < 40)
    .slice(0, 20);
  const seconds: number[] = [];
  for (const [number, { id }] of chosen.entries()) {
    await surroundings.write(`/tags?resource=${id}&key=cluster-test&value=${number}`);
    const seen = async () =>
      ((
        await surroundings.pool.query(
          "SELECT 1 FROM graph.entities WHERE live AND account_id = $1 AND properties->>'tag.cluster-test' = $2",
          [id, `${number}`],
        )
      ).rowCount ?? 0) > 0;
    seconds.push((await secondsUntil(seen, 30, 20)) ?? 30);
  }
  seconds.sort((a, b) => a - b);
  report.atMost(
    `TagResource until the row, p95 of ${seconds.length}`,
    seconds[Math.ceil(seconds.length * 0.95) - 1] ?? 30,
    3,
    's',
  );
}

/** First with nothing going on: not one row may change. Then while things happen: nothing may be lost. */
async function kill({ report, cluster, surroundings }: Setting, service: (typeof services)[number]): Promise<void> {
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

/** How often the containers of these pods have started again. */
async function restartsOf(cluster: Cluster, service?: string): Promise<number> {
  const pods = JSON.parse(await cluster.kubectl('get', 'pods', '-l', selector(service), '-o', 'json')) as {
    items: { status: { containerStatuses?: { restartCount: number }[] } }[];
  };
  return pods.items
    .flatMap(({ status }) => status.containerStatuses ?? [])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
}

const ready = (cluster: Cluster, service: string): Promise<string> =>
  cluster.kubectl('rollout', 'status', `deployment/${release}-orgtrail-${service}`, '--timeout=120s');

/** Nothing due in discovery, and the same rows twice, five seconds apart. */
async function quiet(surroundings: Surroundings): Promise<void> {
  let before = '';
  const still = async (): Promise<boolean> => {
    const { rows } = await surroundings.pool.query<{ due: string }>('SELECT count(*) AS due FROM discovery.refresh_requests');
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

async function upgrade({ report, cluster, surroundings }: Setting): Promise<void> {
  await surroundings.write('/writes?count=10&seed=300');
  const restartsBefore = await restartsOf(cluster);
  const started = performance.now();
  const values = { ...surroundings.values, graphWriter: { replicas: 2 } };
  values.discovery = { ...values.discovery, replicas: 2 };
  await cluster.helm('upgrade', release, chart, '--wait', '--timeout', '180s', '--set-json', JSON.stringify(values));
  report.atMost(
    'helm upgrade --wait, to two replicas of discovery and graph-writer',
    (performance.now() - started) / 1000,
    120,
    's',
  );
  await surroundings.write('/writes?count=10&seed=301');
  const took = await secondsUntil(async () => (await surroundings.differences()).length === 0, 150, 500);
  await equalGraph(report, surroundings, `graph after 20 writes around the upgrade, ${took?.toFixed(1) ?? 'more than 150'} s`);

  const restarts = (await restartsOf(cluster)) - restartsBefore;
  report.point('containers that ended by themselves meanwhile', { figure: restarts, bound: 0, pass: restarts === 0 });
}

/** A process that does not hear SIGTERM is killed after its 30 s. */
async function signals({ report, cluster, surroundings }: Setting): Promise<void> {
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

async function uninstall({ report, cluster }: Setting): Promise<void> {
  await cluster.helm('uninstall', release, '--wait', '--timeout', '120s');
  // Helm waits for what it made, and not for the pods of that: they drain.
  await cluster.kubectl('wait', 'pods', '-l', selector(), '--for=delete', '--timeout=60s');
  const kinds = (await cluster.kubectlEverywhere('api-resources', '--verbs=list', '--namespaced', '-o', 'name'))
    .trim()
    .split('\n');
  const left: string[] = [];
  for (const kind of kinds) {
    // Events tell of the past, and go by themselves.
    if (kind.startsWith('events')) continue;
    for (const labels of [selector(), `owner=helm,name=${release}`])
      left.push(
        ...(await cluster.kubectl('get', kind, '-l', labels, '-o', 'name', '--ignore-not-found'))
          .trim()
          .split('\n')
          .filter((name) => name !== ''),
      );
  }
  report.point(`helm uninstall leaves, of ${kinds.length} kinds`, {
    figure: left.join(' ') || 'nothing',
    bound: 'nothing',
    pass: left.length === 0,
  });
}

async function equalGraph(report: Report, surroundings: Surroundings, what: string): Promise<void> {
  const differences = await surroundings.differences();
  report.point(`${what}: differences`, {
    figure: differences.length === 0 ? 0 : `${differences.length}: ${differences.slice(0, 3).join('; ')}`,
    bound: 0,
    pass: differences.length === 0,
  });
}
