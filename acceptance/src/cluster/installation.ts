import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startSimulator, type OrganizationView, type SimulatedTruth } from '@orgtrail/aws-simulator';
import { createPool } from '@orgtrail/database';
import { readGraph } from '@orgtrail/graph-writer';
import { createTestCertificates, securityProperties, serverProperties, type KafkaSecurity } from '@orgtrail/testkit';
import type pg from 'pg';
import { differencesOf } from '../graph-oracle.js';
import { awsPort, backends, controlPort, kafkaPort } from './backends.js';
import type { Cluster } from './cluster.js';

const organization = { seed: 41, accounts: 200, organizationalUnits: 24 };
const rolePath = 'security/orgtrail';
const externalId = 'cluster-test';

/** The backends in the cluster, and how the test looks at them. */
export interface Surroundings {
  pool: pg.Pool;
  /** What the simulated AWS is at this moment. */
  truth(): Promise<OrganizationView>;
  /** Lets something happen in it: a path of its control server. */
  write(what: string): Promise<unknown>;
  /** One line per difference between the graph and the organization. */
  differences(): Promise<string[]>;
  /** Values of the chart that lead to all of it. */
  values: { image: { repository: string; tag: string }; discovery: Record<string, unknown>; [name: string]: unknown };
  stop(): Promise<void>;
}

export async function startSurroundings(cluster: Cluster, repository: string): Promise<Surroundings> {
  // The same seed has the same keys and the same accounts, here and in the pod.
  const twin = await startSimulator(organization);
  const { managementAccountId } = twin.organization.identity;
  const { credentials } = twin;
  const queuePath = new URL(twin.queueUrl).pathname;
  await twin.close();

  const password = randomBytes(18).toString('base64url');
  const secret = (name: string, stringData: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    stringData,
  });
  const directory = await mkdtemp(path.join(tmpdir(), 'orgtrail-certificates-'));
  const certificates = await createTestCertificates(directory, ['DNS:kafka']).finally(() => rm(directory, { recursive: true }));
  const security: KafkaSecurity = {
    certificates,
    username: 'orgtrail',
    password: randomBytes(18).toString('base64url'),
    ports: { sasl: kafkaPort, mutual: 9095 },
  };
  const place = { port: 9092, controllerPort: 9093 };
  const properties = [
    serverProperties({ ...place, directory: '/data' }),
    securityProperties(security, { ...place, host: '0.0.0.0', advertisedHost: 'kafka' }),
  ].join('');
  await cluster.apply([
    secret('postgres', { password }),
    secret('kafka', { username: security.username, password: security.password, 'ca.crt': certificates.ca }),
    secret('database', { url: `postgres://orgtrail:${password}@postgres:5432/postgres` }),
    secret('aws', { 'access-key-id': credentials.accessKeyId, 'secret-access-key': credentials.secretAccessKey }),
    secret('integration', { 'external-id': externalId }),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kafka' }, data: { 'server.properties': properties } },
    ...backends(repository, {
      HOST: '0.0.0.0',
      PORT: String(awsPort),
      CONTROL_PORT: String(controlPort),
      ACCOUNTS: String(organization.accounts),
      ORGANIZATIONAL_UNITS: String(organization.organizationalUnits),
      SEED: String(organization.seed),
      ROLE_NAME: rolePath,
      EXTERNAL_ID: externalId,
    }),
  ]);
  for (const name of ['postgres', 'kafka', 'aws-simulator'])
    await cluster.kubectl('rollout', 'status', `deployment/${name}`, '--timeout=120s');

  const [database, control] = await Promise.all([
    cluster.forward('deployment/postgres', 5432),
    cluster.forward('deployment/aws-simulator', controlPort),
  ]);
  const pool = createPool({
    connectionString: `postgres://orgtrail:${password}@127.0.0.1:${database.port}/postgres`,
    applicationName: 'orgtrail-cluster-test',
    max: 4,
  });
  const controlUrl = `http://127.0.0.1:${control.port}`;
  const truth = async (): Promise<OrganizationView> => {
    const { snapshot } = (await (await fetch(`${controlUrl}/organization`)).json()) as SimulatedTruth;
    const copy = await startSimulator({ ...organization, snapshot });
    await copy.close();
    return copy.organization;
  };
  return {
    pool,
    truth,
    write: async (what) => {
      const response = await fetch(`${controlUrl}${what}`, { method: 'POST' });
      if (!response.ok) throw new Error(`${what}: ${response.status} ${await response.text()}`);
      return response.status === 204 ? undefined : response.json();
    },
    differences: async () => {
      const scope = await scopeOf(pool);
      if (scope === undefined) return ['nothing was read yet'];
      // A member's AcceptHandshake has no event in the management account: the next full sync tells what became of an invitation.
      return differencesOf(await readGraph(pool, scope), await truth()).filter((line) => !line.includes(':handshake/'));
    },
    values: {
      image: { repository, tag: 'test' },
      database: { existingSecret: 'database' },
      kafka: {
        brokers: [`kafka:${kafkaPort}`],
        tls: { enabled: true },
        sasl: { mechanism: 'scram-sha-512' },
        existingSecret: 'kafka',
        caFromSecret: true,
      },
      aws: { region: 'us-east-1', endpointUrl: `http://aws-simulator:${awsPort}`, existingSecret: 'aws' },
      // What an event touched is read again so much later; 30 s and 5 min would be most of the test.
      discovery: { extraEnv: [{ name: 'CONFIRM_AFTER_SECONDS', value: '3,10' }] },
      integration: {
        enabled: true,
        name: 'Cluster test',
        roleArn: `arn:aws:iam::${managementAccountId}:role/${rolePath}`,
        existingSecret: 'integration',
        queueUrl: `http://aws-simulator:${awsPort}${queuePath}`,
      },
    },
    stop: async () => {
      await pool.end();
      database.stop();
      control.stop();
    },
  };
}

/** Undefined as long as discovery has no schema or no integration. */
async function scopeOf(pool: pg.Pool): Promise<string | undefined> {
  const { rows } = await pool
    .query<{ id: string }>('SELECT id::text AS id FROM discovery.integrations')
    .catch(() => ({ rows: [] }));
  const { rows: graph } = await pool.query<{ there: boolean }>("SELECT to_regclass('graph.entities') IS NOT NULL AS there");
  return graph[0]?.there === true ? rows[0]?.id : undefined;
}

/** Asks again and again; resolves with the seconds it took, or with undefined when the time is up. */
export async function secondsUntil(
  condition: () => Promise<boolean>,
  seconds: number,
  pauseMs = 100,
): Promise<number | undefined> {
  const started = performance.now();
  while (performance.now() - started < seconds * 1000) {
    if (await condition()) return (performance.now() - started) / 1000;
    await delay(pauseMs);
  }
  return undefined;
}
