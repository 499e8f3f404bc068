import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type AccessKeyPair, type Simulator } from '@orgtrail/aws-simulator';
import { createTestDatabase, startLocalKafka, type LocalKafka, type TestDatabase } from '@orgtrail/testkit';
import { freePort, services, startService, type Service, type ServiceProcess } from '../service-process.js';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js';

const root = join(import.meta.dirname, '..', '..', '..');

export interface Ran {
  code: number | null;
  /** Standard output and standard error, as they came. */
  said: string;
  stdout: string;
}

/** A place from which an operator works: `orgtrail` and `aws` on the path, credentials by profile. */
export interface Desk {
  folder: string;
  /** Runs what a person would type, in bash, in this folder. `profile`: whose credentials `aws` and `orgtrail` use. */
  shell(command: string, options?: { profile?: Profile; env?: Readonly<Record<string, string>>; cwd?: string }): Promise<Ran>;
  environment(profile: Profile): Record<string, string>;
  setCredentials(profile: Profile, credentials: AccessKeyPair): Promise<void>;
  remove(): Promise<void>;
}

/** `orgtrail`: the product's own; `management`: an administrator of the management account. */
export type Profile = 'orgtrail' | 'management';

/** The AWS CLI that tests use; undefined where there is no Python to install it with. */
const awsCli = (): string | undefined => process.env['ORGTRAIL_TEST_AWS_CLI'];

export async function setUpDesk(simulator: Simulator, endpoint = simulator.endpoint): Promise<Desk> {
  const aws = awsCli();
  if (aws === undefined) throw new Error('There is no AWS CLI for this: it is installed with python3 (ORGTRAIL_TEST_AWS_CLI).');
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-desk-'));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const put = async (name: string, text: string): Promise<void> => {
    await writeFile(join(bin, name), text);
    await chmod(join(bin, name), 0o755);
  };
  await put('orgtrail', `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(join(root, 'cli', 'dist', 'main.js'))} "$@"\n`);
  await put('aws', `#!/bin/sh\nexec ${quoted(aws)} "$@"\n`);
  // As in a checkout, where the command comes with the workspace.
  await put('npx', '#!/bin/sh\nexec "$@"\n');
  const credentialsFile = (profile: Profile) => join(folder, `${profile}.credentials.json`);
  const setCredentials: Desk['setCredentials'] = async (profile, { accessKeyId, secretAccessKey }) => {
    const text = JSON.stringify({ Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey });
    await writeFile(`${credentialsFile(profile)}.new`, text, { mode: 0o600 });
    await copyFile(`${credentialsFile(profile)}.new`, credentialsFile(profile));
  };
  await setCredentials('orgtrail', simulator.credentialsFor(simulator.foreignAccountId));
  await setCredentials('management', simulator.credentials);
  const config = join(folder, 'aws-config');
  await writeFile(
    config,
    (['orgtrail', 'management'] as const)
      .map((profile) => `[profile ${profile}]\nregion = us-east-1\ncredential_process = cat ${credentialsFile(profile)}\n`)
      .join('\n'),
  );
  const environment = (profile: Profile): Record<string, string> => ({
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    USER: 'ana',
    NO_COLOR: '1',
    AWS_CONFIG_FILE: config,
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none'),
    AWS_PROFILE: profile,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
  });
  return {
    folder,
    environment,
    setCredentials,
    shell: (command, { profile = 'management', env = {}, cwd = folder } = {}) =>
      run(spawn('bash', ['-c', command], { cwd, env: { ...environment(profile), ...env }, stdio: ['ignore', 'pipe', 'pipe'] })),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function run(child: ChildProcess): Promise<Ran> {
  let said = '';
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said, stdout })));
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Three services as three processes on a real Kafka and a real PostgreSQL, each behind a door that can be shut. */
export interface Installation {
  simulator: Simulator;
  database: TestDatabase;
  kafka: LocalKafka;
  desk: Desk;
  apiUrl: string;
  graphWriterApiUrl: string;
  doors: { aws: TcpProxy; database: TcpProxy; corporateProxy: TcpProxy };
  /** Named to discovery as NODE_EXTRA_CA_CERTS. */
  certificatesFile: string;
  signal(service: Service, signal: NodeJS.Signals): void;
  restart(service: Service): Promise<void>;
  stop(): Promise<void>;
}

export async function startInstallation(shape: {
  seed: number;
  accounts: number;
  organizationalUnits: number;
}): Promise<Installation> {
  const simulator = await startSimulator({ ...shape, eventPath: 'none' });
  const kafka = await startLocalKafka();
  const database = await createTestDatabase();
  const desk = await setUpDesk(simulator);
  const address = new URL(database.connectionString);
  const somebody = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => somebody.listen(0, '127.0.0.1', resolve));
  const portOf = (url: string): number => Number(new URL(url).port);
  const doors = {
    aws: await startTcpProxy({ host: '127.0.0.1', port: portOf(simulator.endpoint) }),
    database: await startTcpProxy({ host: address.hostname, port: Number(address.port) }),
    corporateProxy: await startTcpProxy({ host: '127.0.0.1', port: (somebody.address() as { port: number }).port }),
  };
  address.host = `127.0.0.1:${doors.database.port}`;
  const certificatesFile = join(desk.folder, 'corporate-ca.pem');
  await writeFile(certificatesFile, '');
  const running = new Map<Service, ServiceProcess>();
  const apiPort = await freePort();
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  const graphWriterApiPort = await freePort();

  const start = async (service: Service): Promise<void> => {
    const started = startService(service, {
      ...desk.environment('orgtrail'),
      PATH: process.env['PATH'],
      DATABASE_URL: address.href,
      KAFKA_BROKERS: kafka.brokers.join(','),
      ADMIN_HOST: '127.0.0.1',
      ADMIN_PORT: '0',
      ...(service === 'discovery'
        ? {
            AWS_ENDPOINT_URL: `http://127.0.0.1:${doors.aws.port}`,
            HTTPS_PROXY: `http://proxy-user:proxy-password@127.0.0.1:${doors.corporateProxy.port}`,
            NO_PROXY: 'localhost,127.0.0.1',
            NODE_EXTRA_CA_CERTS: certificatesFile,
            API_PORT: String(apiPort),
            ORGTRAIL_INTEGRATION: 'none',
            AWS_RATE_SHARE: '100',
            MEMBERS_PER_SECOND: '200',
            CONFIRM_AFTER_SECONDS: '1,2',
            CONFIRM_NOT_FOUND_AFTER_SECONDS: '1',
            MISSED_CHANGE_WINDOW_SECONDS: '2',
          }
        : {}),
      ...(service === 'graph-writer' ? { API_PORT: String(graphWriterApiPort) } : {}),
    });
    running.set(service, started);
    if (service === 'discovery') await started.answering(`${apiUrl}/v1/integrations`);
  };
  for (const service of services) await start(service);
  return {
    simulator,
    database,
    kafka,
    desk,
    apiUrl,
    graphWriterApiUrl: `http://127.0.0.1:${graphWriterApiPort}`,
    doors,
    certificatesFile,
    signal: (service, signal) => running.get(service)?.signal(signal),
    restart: async (service) => {
      await running.get(service)?.stop();
      await start(service);
    },
    stop: async () => {
      for (const service of services) await running.get(service)?.stop();
      await Promise.all(Object.values(doors).map((door) => door.close()));
      somebody.close();
      await simulator.close();
      await database.drop();
      await kafka.stop();
      await desk.remove();
    },
  };
}
