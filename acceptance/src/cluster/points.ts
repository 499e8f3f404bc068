import path from 'node:path';
import { kill, signals } from './endings.js';
import { secondsUntil } from './installation.js';
import { equalGraph, release, restartsOf, selector, services, type Setting } from './setting.js';

const chart = path.resolve(import.meta.dirname, '..', '..', '..', 'charts', 'orgtrail');

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
