/**
 * Starts what the integration tests share, once: one Kafka broker and one PostgreSQL. `KAFKA_BROKERS` and `TEST_DATABASE_URL` (an
 * administrator's connection string) replace them, and `ORGTRAIL_TEST_POSTGRES_PACKAGE` (a folder) is another PostgreSQL to start. The addresses reach the tests by ORGTRAIL_TEST_KAFKA and ORGTRAIL_TEST_DATABASE.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import './typescript-sources.js';

export default async function startServers() {
  const started = await Promise.allSettled([startKafkaBroker(), startPostgres()]);
  const servers = started.filter(({ status }) => status === 'fulfilled').map(({ value }) => value);
  const failures = started.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
  globalThis.orgtrailTestServers = servers;
  if (failures.length > 0) {
    await Promise.allSettled(servers.map((server) => server.stop()));
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, failures.map(({ message }) => message).join('\n'));
  }
}

async function startKafkaBroker() {
  const { startKafka } = await import('../../packages/testkit/src/index.ts');
  const kafka = await startKafka();
  process.env.ORGTRAIL_TEST_KAFKA = kafka.brokers.join(',');
  return kafka;
}

async function startPostgres() {
  const given = process.env.TEST_DATABASE_URL;
  if (given) {
    process.env.ORGTRAIL_TEST_DATABASE = given;
    return { stop: () => Promise.resolve() };
  }
  const { startEmbeddedPostgres } = await import('../../packages/embedded-postgres/src/index.ts');
  const directory = await mkdtemp(join(tmpdir(), 'orgtrail-postgres-'));
  await chmod(directory, 0o711); // PostgreSQL refuses root and then runs as another user, who has to get in
  const postgres = await startEmbeddedPostgres({
    dataDirectory: join(directory, 'data'),
    fast: true,
    packageFolder: process.env.ORGTRAIL_TEST_POSTGRES_PACKAGE,
  });
  process.env.ORGTRAIL_TEST_DATABASE = postgres.connectionString;
  return {
    stop: async () => {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
