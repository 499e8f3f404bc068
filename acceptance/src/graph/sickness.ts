import { setTimeout as delay } from 'node:timers/promises';
import { graphChangeOf, loadOf } from '@orgtrail/bench';
import { createKafkaBus, type Bus } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import { createLogger } from '@orgtrail/service-runtime';
import { createTestDatabase, startLocalKafka, type TestDatabase } from '@orgtrail/testkit';
import type { Report } from '../report.js';
import { freePort, startService, type ServiceProcess } from '../service-process.js';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js';

const records = 200;
/** A restart of the database is waited for, about a minute; the machine may be busy. */
const patienceMs = 180_000;

interface Place {
  database: TestDatabase;
  /** The writer's way to the database. */
  door: TcpProxy;
  /** The role that the writer connects as, and that owns the database. */
  role: string;
}

interface Sickness {
  name: string;
  /** Whether time may heal it, so that the writer tries again before it ends. */
  isWaitedFor: boolean;
  breakIt(place: Place): Promise<unknown>;
  mendIt(place: Place): Promise<unknown>;
}

const sicknesses: readonly Sickness[] = [
  {
    name: 'a missing column (42703)',
    isWaitedFor: false,
    breakIt: ({ database: { pool } }) => pool.query('ALTER TABLE graph.entities RENAME COLUMN display_name TO renamed'),
    mendIt: ({ database: { pool } }) => pool.query('ALTER TABLE graph.entities RENAME COLUMN renamed TO display_name'),
  },
  {
    name: 'a missing permission (42501)',
    isWaitedFor: false,
    breakIt: ({ database: { pool } }) => pool.query('ALTER TABLE graph.entities OWNER TO CURRENT_USER'),
    mendIt: ({ database: { pool }, role }) => pool.query(`ALTER TABLE graph.entities OWNER TO ${role}`),
  },
  {
    name: 'a full disk (53100)',
    isWaitedFor: true,
    // What PostgreSQL says when it cannot extend a file, said by a trigger: a test must not fill anybody's disk.
    breakIt: ({ database: { pool } }) =>
      pool.query(
        `CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
         CREATE TRIGGER no_space BEFORE INSERT ON graph.entities FOR EACH ROW EXECUTE FUNCTION no_space()`,
      ),
    mendIt: ({ database: { pool } }) => pool.query('DROP FUNCTION no_space CASCADE'),
  },
  {
    name: 'a lost connection',
    isWaitedFor: true,
    breakIt: ({ door }) => door.goAway(),
    mendIt: ({ door }) => door.comeBack(),
  },
];

/** A database that is sick ends the writer with a non-zero exit, makes no dead letter, and loses nothing. */
export async function sickness(report: Report): Promise<void> {
  const kafka = await startLocalKafka();
  const logger = createLogger({ service: 'acceptance', level: 'silent' });
  const bus = await createKafkaBus({ brokers: kafka.brokers, clientId: 'orgtrail-acceptance', logger });
  try {
    for (const [index, one] of sicknesses.entries()) await fallIll(report, { one, index, bus, brokers: kafka.brokers });
  } finally {
    await bus.close();
    await kafka.stop();
  }
}

async function fallIll(
  report: Report,
  { one, index, bus, brokers }: { one: Sickness; index: number; bus: Bus; brokers: string[] },
): Promise<void> {
  const place = await preparePlace();
  let writer = await startWriter(place, brokers);
  try {
    await one.breakIt(place);
    const scope = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const load = [...loadOf({ scopes: [scope], keys: records }, { edition: 0, version: BigInt(Date.now()) * 1000n })];
    await bus.publish(topics.graphChanges, load.map(graphChangeOf));
    const code = await exitCodeOf(writer);
    const attempts = writer.output.join('').match(/trying again/g)?.length ?? 0;
    report.say(`${one.name}: exit code ${String(code)} after ${attempts} further attempts`);
    report.point(`${one.name} ends the writer`, {
      figure: `exit code ${String(code)}${one.isWaitedFor ? `, tried again ${attempts} times` : ''}`,
      bound: `not 0${one.isWaitedFor ? ', tried again at least 3 times' : ''}`,
      pass: code !== null && code !== 0 && (!one.isWaitedFor || attempts >= 3),
    });
    await one.mendIt(place);
    writer = await startWriter(place, brokers);
    const { entities, letters } = await rowsOf(place, scope);
    report.point(`after ${one.name}, mended: accounts written of ${records}, and dead letters`, {
      figure: `${entities} and ${letters}`,
      bound: `${records} and 0`,
      pass: entities === records && letters === 0,
    });
  } finally {
    await writer.stop();
    await place.door.close();
    await place.database.drop();
  }
}

/** The role stays behind on the scenario's own server. */
async function preparePlace(): Promise<Place> {
  const database = await createTestDatabase();
  const address = new URL(database.connectionString);
  const name = address.pathname.slice(1);
  const role = `role_${name}`;
  await database.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'; ALTER DATABASE ${name} OWNER TO ${role}`);
  const door = await startTcpProxy({ host: address.hostname, port: Number(address.port) });
  return { database, door, role };
}

async function startWriter({ database, door, role }: Place, brokers: string[]): Promise<ServiceProcess> {
  const address = new URL(database.connectionString);
  Object.assign(address, { username: role, password: role, host: `127.0.0.1:${door.port}` });
  const adminPort = await freePort();
  const writer = startService('graph-writer', {
    PATH: process.env['PATH'],
    DATABASE_URL: address.href,
    KAFKA_BROKERS: brokers.join(','),
    ADMIN_HOST: '127.0.0.1',
    ADMIN_PORT: String(adminPort),
    LOG_LEVEL: 'warn',
  });
  await writer.answering(`http://127.0.0.1:${adminPort}/readyz`);
  return writer;
}

/** Null when it does not end. */
async function exitCodeOf(writer: ServiceProcess): Promise<number | null> {
  for (const giveUp = performance.now() + patienceMs; writer.isRunning() && performance.now() < giveUp;) await delay(100);
  return writer.exitCode;
}

async function rowsOf({ database }: Place, scope: string): Promise<{ entities: number; letters: number }> {
  const giveUp = performance.now() + patienceMs;
  for (;;) {
    const { rows } = await database.pool.query<{ entities: number; letters: number }>(
      `SELECT (SELECT count(*)::int FROM graph.entities WHERE scope = $1 AND live) AS entities,
              (SELECT count(*)::int FROM graph.dead_letters) AS letters`,
      [scope],
    );
    const [row] = rows;
    if (row && (row.entities === records || performance.now() > giveUp)) return row;
    await delay(100);
  }
}
