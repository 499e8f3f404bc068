import { rm, writeFile } from 'node:fs/promises';
import { topics } from '@orgtrail/proto';
import { deleteTopic } from '@orgtrail/testkit';
import type { Installation } from '../installation.js';
import type { Breakage } from './breakage.js';
import type { Operator } from './operator.js';

/** What all integrations share: database, bus, network, clock, credentials. */
export function breakagesOfTheInstallation(it: Installation, { sql, aws, untilSql, managementAccount }: Operator): Breakage[] {
  const { simulator, doors, desk } = it;
  return [
    {
      id: 'database.reachable',
      how: 'the way to PostgreSQL is shut',
      break: async () => doors.database.shut(),
      byHand: { what: 'it is opened', act: async () => doors.database.open() },
    },
    {
      id: 'database.version',
      how: 'the server says that it is PostgreSQL 15',
      break: async () => {
        await sql(`CREATE SCHEMA old_server;
          CREATE FUNCTION old_server.current_setting(text) RETURNS text LANGUAGE sql AS
            $$ SELECT CASE $1 WHEN 'server_version_num' THEN '150004' ELSE '15.4' END $$;`);
        await setSearchPath(it, 'old_server, pg_catalog, public');
      },
      byHand: {
        what: 'it is a newer one again',
        act: async () => {
          await setSearchPath(it, undefined);
          await sql('DROP SCHEMA old_server CASCADE');
        },
      },
    },
    {
      id: 'database.migrations',
      how: 'a newer version has migrated, and breaks this one',
      break: () => sql(`INSERT INTO discovery.migrations (id, name, breaking) VALUES (999, 'from the future', true)`),
      byHand: { what: 'its migration is taken back', act: () => sql('DELETE FROM discovery.migrations WHERE id = 999') },
    },
    {
      id: 'bus.reachable',
      how: 'Kafka is away',
      break: () => it.kafka.kill(),
      byHand: { what: 'it is back', act: () => it.kafka.start() },
    },
    {
      id: 'bus.topics',
      how: 'the topic of dead letters is deleted on Kafka',
      break: () => deleteTopic(it.kafka.brokers, topics.deadLetters),
      byHand: {
        what: 'the services are started again',
        act: async () => {
          for (const service of ['graph-writer', 'account-mapper', 'discovery'] as const) await it.restart(service);
        },
      },
    },
    {
      id: 'bus.lag',
      how: 'account-mapper stands still while something changes',
      break: async () => {
        it.signal('account-mapper', 'SIGSTOP');
        await aws(`organizations tag-resource --resource-id ${managementAccount.id} --tags Key=acceptance,Value=lag`);
        await untilSql(`SELECT 1 FROM discovery.observed_subjects WHERE parts->'tags'->'value' ? 'acceptance'`);
      },
      byHand: { what: 'account-mapper runs again', act: async () => it.signal('account-mapper', 'SIGCONT') },
    },
    {
      id: 'network.proxy',
      how: 'the proxy of HTTPS_PROXY takes no connection',
      break: () => doors.corporateProxy.goAway(),
      byHand: { what: 'it does again', act: () => doors.corporateProxy.comeBack() },
    },
    {
      id: 'network.reachable',
      how: 'the way to AWS is shut',
      break: async () => doors.aws.shut(),
      byHand: { what: 'it is opened', act: async () => doors.aws.open() },
    },
    {
      id: 'network.certificates',
      how: 'the file of NODE_EXTRA_CA_CERTS is gone',
      break: () => rm(it.certificatesFile),
      byHand: { what: 'it is there again', act: () => writeFile(it.certificatesFile, '') },
    },
    {
      id: 'clock.skew',
      how: "AWS's clock is 200 s ahead",
      break: async () => simulator.setBehaviour({ clockSkewMs: 200_000 }),
      byHand: { what: 'the clocks agree', act: async () => simulator.setBehaviour({ clockSkewMs: 0 }) },
    },
    {
      id: 'credentials.valid',
      how: 'our access key is unknown to AWS',
      break: () => desk.setCredentials('orgtrail', { accessKeyId: 'AKIAAAAAAAAAAAAAAAAA', secretAccessKey: 'wrong' }),
      byHand: {
        what: 'a valid one is given',
        act: () => desk.setCredentials('orgtrail', simulator.credentialsFor(simulator.foreignAccountId)),
      },
    },
  ];
}

/** For every connection from now on; those that are open are ended. */
async function setSearchPath({ database }: Installation, path: string | undefined): Promise<void> {
  const name = new URL(database.connectionString).pathname.slice(1);
  await database.pool.query(`ALTER DATABASE ${name} ${path === undefined ? 'RESET search_path' : `SET search_path = ${path}`}`);
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND application_name LIKE 'orgtrail-%' AND application_name <> 'orgtrail-test'`,
    [name],
  );
}
