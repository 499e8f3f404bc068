import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { countBrokers } from './kafka-probe.js';

const run = promisify(execFile);
const IMAGE = 'apache/kafka:4.1.0';
const START_TIMEOUT_MS = 180_000;

export async function dockerRuns(): Promise<boolean> {
  return run('docker', ['info'], { env: process.env, timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

/** The same one-node broker in a container. Setting any KAFKA_ variable drops the image's defaults, so all of them are given. */
export async function startContainer(port: number): Promise<{ pid: number; stop(): Promise<void> }> {
  const name = `orgtrail-kafka-${randomBytes(4).toString('hex')}`;
  const settings = {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: 'PLAINTEXT://:9092,CONTROLLER://:9093',
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${port}`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  };
  const environment = Object.entries(settings).flatMap(([variable, value]) => ['--env', `${variable}=${value}`]);
  const stop = async (): Promise<void> => {
    await run('docker', ['rm', '--force', name]);
  };
  await run('docker', ['run', '--detach', '--rm', '--name', name, '--publish', `127.0.0.1:${port}:9092`, ...environment, IMAGE]);
  const inspected = await run('docker', ['inspect', '--format', '{{.State.Pid}}', name]);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while ((await countBrokers(port)) === 0) {
    await sleep(100);
    if (Date.now() < deadline) continue;
    await stop();
    throw new Error(`The Kafka container (${IMAGE}) did not answer within ${START_TIMEOUT_MS / 1000} s.`);
  }
  return { pid: Number(inspected.stdout), stop };
}
