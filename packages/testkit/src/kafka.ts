import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBroker } from './kafka-broker.js';
import { kafkaIsCached, prepareKafkaDistribution } from './kafka-distribution.js';
import { dockerRuns, startContainer } from './kafka-docker.js';
import { freePorts } from './kafka-probe.js';
import { createTestCertificates, type KafkaSecurity } from './kafka-security.js';

const run = promisify(execFile);

export interface TestKafka {
  brokers: string[];
  /** The broker's process, when we started one. */
  pid: number | undefined;
  stop(): Promise<void>;
}

export interface LocalKafka extends TestKafka {
  port: number;
  /** Ends the broker as a crash would; `start` brings it back on the same port with the same data. Only with Java, not in a container. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/**
 * A real Kafka for tests: the one named by `KAFKA_BROKERS`, else one broker of our own from Maven's jars under Java 17, else the
 * container image where Docker runs.
 */
export async function startKafka(): Promise<TestKafka> {
  const given = process.env['KAFKA_BROKERS'];
  if (given) return { brokers: given.split(',').map((broker) => broker.trim()), pid: undefined, stop: () => Promise.resolve() };
  return startLocalKafka();
}

/** A broker of our own, whatever `KAFKA_BROKERS` says: for tests that take it away and bring it back. */
export async function startLocalKafka(): Promise<LocalKafka> {
  if ((await javaIsHere()) && ((await kafkaIsCached()) || (await mavenIsHere()))) return startFromJars();
  if (await dockerRuns()) {
    const [port] = await freePorts(1);
    const container = await startContainer(port!);
    const notHere = (): Promise<never> =>
      Promise.reject(new Error('A broker in a container cannot be killed and restarted: install Java 17 and Maven.'));
    return { brokers: [`127.0.0.1:${port!}`], port: port!, ...container, kill: notHere, start: notHere };
  }
  throw new Error(
    'No Kafka for the tests. Either set KAFKA_BROKERS to a broker (host:port), or install Java 17 or newer together with Maven ' +
      '(`java` and `mvn` on the PATH), or start Docker.',
  );
}

/** The brokers that the integration tests share; started by the Jest global set-up. */
export function testKafkaBrokers(): string[] {
  const brokers = process.env['ORGTRAIL_TEST_KAFKA'];
  if (!brokers) throw new Error('ORGTRAIL_TEST_KAFKA is not set: only *.integration.test.ts run with a Kafka broker.');
  return brokers.split(',');
}

/** A broker of our own that also listens with TLS, for a user with a password and for a client certificate. From Maven's jars only. */
export async function startSecureKafka(): Promise<LocalKafka & { security: KafkaSecurity }> {
  const directory = await mkdtemp(join(tmpdir(), 'orgtrail-certificates-'));
  const certificates = await createTestCertificates(directory).finally(() => rm(directory, { recursive: true, force: true }));
  const [sasl, mutual] = await freePorts(2);
  const security = { certificates, username: 'orgtrail', password: 'correct-horse', ports: { sasl: sasl!, mutual: mutual! } };
  return { ...(await startFromJars(security)), security };
}

async function startFromJars(security?: KafkaSecurity): Promise<LocalKafka> {
  const distribution = await prepareKafkaDistribution();
  const directory = await mkdtemp(join(tmpdir(), 'orgtrail-kafka-'));
  const [port, controllerPort] = await freePorts(2);
  const place = { directory, port: port!, controllerPort: controllerPort! };
  let broker = await startBroker(distribution, place, security);
  return {
    brokers: [`127.0.0.1:${place.port}`],
    port: place.port,
    get pid() {
      return broker.pid;
    },
    kill: () => broker.stop('SIGKILL'),
    start: async () => {
      broker = await startBroker(distribution, place, security);
    },
    stop: async () => {
      await broker.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function javaIsHere(): Promise<boolean> {
  try {
    const { stderr, stdout } = await run('java', ['-version'], { env: process.env });
    return Number(/version "(\d+)/.exec(stderr + stdout)?.[1]) >= 17;
  } catch {
    return false;
  }
}

async function mavenIsHere(): Promise<boolean> {
  return run('mvn', ['--version'], { env: process.env }).then(
    () => true,
    () => false,
  );
}
