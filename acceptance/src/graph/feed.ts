import { setTimeout as delay } from 'node:timers/promises';
import { fromBinary } from '@bufbuild/protobuf';
import { graphChangeOf, loadOf } from '@orgtrail/bench';
import { createPool } from '@orgtrail/database';
import { createGraphWriter } from '@orgtrail/graph-writer';
import { createKafkaBus, type Bus } from '@orgtrail/messaging';
import { graph, topics } from '@orgtrail/proto';
import { createLogger, createMetrics, type Component } from '@orgtrail/service-runtime';
import { createTestDatabase, startLocalKafka, type TestDatabase } from '@orgtrail/testkit';
import type { Report } from '../report.js';
import { freePort, startService, type ServiceProcess } from '../service-process.js';

const writers = 8;
const scopes = Array.from({ length: 40 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
const keys = 4_000;
const editionsAtRest = 4;
const editionsUnderFire = 10;
const killEveryMs = 700;
const patienceMs = 180_000;

/**
 * Eight writers at once whose commits are held up at random, so that what was written first is often seen last; publishers as processes. First in peace, where each
 * change is published once; then the one that publishes is killed again and again, where none may be missing.
 */
export async function feed(report: Report): Promise<void> {
  const kafka = await startLocalKafka();
  const database = await createTestDatabase();
  const pool = createPool({ connectionString: database.connectionString, applicationName: 'orgtrail-acceptance', max: 40 });
  const logger = createLogger({ service: 'acceptance', level: 'silent' });
  const bus = await createKafkaBus({ brokers: kafka.brokers, clientId: 'orgtrail-acceptance', logger });
  const running: Component[] = [];
  const publishers: ServiceProcess[] = [];
  const startPublisher = async (): Promise<ServiceProcess> => {
    const port = await freePort();
    const publisher = startService('graph-writer', {
      PATH: process.env['PATH'],
      DATABASE_URL: database.connectionString,
      KAFKA_BROKERS: kafka.brokers.join(','),
      ADMIN_HOST: '127.0.0.1',
      ADMIN_PORT: String(port),
      LOG_LEVEL: 'info',
    });
    publishers.push(publisher);
    await publisher.answering(`http://127.0.0.1:${port}/livez`);
    return publisher;
  };
  let consumed: Consumed | undefined;
  try {
    await bus.ensureTopics([{ topic: topics.graphChanges, partitions: writers }]);
    for (let count = 0; count < writers; count += 1) {
      const writer = createGraphWriter({ bus, pool, logger, meter: createMetrics().meter });
      running.push(writer);
      await writer.start();
    }
    await holdUpCommits(database);
    await startPublisher();
    await startPublisher();
    consumed = consume(bus);

    await publishEditions(bus, 0, editionsAtRest);
    await settled(database, consumed, keys * editionsAtRest);
    const atRest = await compare(database, consumed);
    report.atMost(`of ${atRest.rows} changes by ${writers} writers with delayed commits, missing in the feed`, atRest.missing, 0);
    report.atMost('repeated in the feed', atRest.repeated, 0);
    report.atMost('published before an earlier change of its key', atRest.disordered, 0);

    const stopKilling = new AbortController();
    let kills = 0;
    const killing = (async () => {
      while (!stopKilling.signal.aborted) {
        await delay(killEveryMs);
        const publishing = publishers
          .filter((one) => one.isRunning())
          .findLast(({ output }) => output.join('').includes('The feed is published from here'));
        if (publishing === undefined) continue;
        publishing.signal('SIGKILL');
        kills += 1;
        await startPublisher();
      }
    })();
    await publishEditions(bus, editionsAtRest, editionsUnderFire);
    await settled(database, consumed, keys * editionsUnderFire);
    stopKilling.abort();
    await killing;
    const underFire = await compare(database, consumed);
    report.say(`publishers killed: ${kills}; repeated meanwhile: ${underFire.repeated}`);
    report.atLeast('publishers killed while the feed went on', kills, 5);
    report.atMost(`of ${underFire.rows} changes, missing in the feed after that`, underFire.missing, 0);
    report.atMost('published before an earlier change of its key', underFire.disordered, 0);
  } finally {
    await consumed?.stop();
    for (const publisher of publishers) await publisher.stop();
    for (const writer of running) await writer.stop();
    await bus.close();
    await pool.end();
    await database.drop();
    await kafka.stop();
  }
}

/** Each transaction of a writer waits up to 100 ms with everything written and nothing committed. */
async function holdUpCommits(database: TestDatabase): Promise<void> {
  await database.pool.query(
    `CREATE FUNCTION graph.hold_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(random() * 0.1); RETURN NULL; END $$;
     CREATE CONSTRAINT TRIGGER hold_up AFTER INSERT OR UPDATE ON graph.consumer_offsets DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION graph.hold_up();`,
  );
}

async function publishEditions(bus: Bus, from: number, to: number): Promise<void> {
  for (let edition = from; edition < to; edition += 1) {
    const load = [...loadOf({ scopes, keys }, { edition, version: BigInt(Date.now()) * 1000n })];
    for (let start = 0; start < load.length; start += 500) {
      await bus.publish(topics.graphChanges, load.slice(start, start + 500).map(graphChangeOf));
      // So that the writers take many small batches.
      await delay(20);
    }
  }
}

interface Consumed {
  /** How often each change came, by scope, key and version. */
  readonly times: ReadonlyMap<string, number>;
  /** Changes that came, for the first time, after a later one of their key. */
  disordered(): number;
  stop(): Promise<void>;
}

function consume(bus: Bus): Consumed {
  const times = new Map<string, number>();
  const newest = new Map<string, bigint>();
  let disordered = 0;
  const consumption = bus.consume({
    topics: [topics.graphFeed],
    group: 'acceptance-feed',
    onBatch: ({ records }) => {
      for (const { value } of records) {
        const { integrationId, key, version } = fromBinary(graph.FeedChangeSchema, value ?? Buffer.alloc(0));
        const identity = `${integrationId} ${key} ${version}`;
        const known = times.get(identity) ?? 0;
        times.set(identity, known + 1);
        const before = newest.get(`${integrationId} ${key}`) ?? 0n;
        if (known === 0 && version < before) disordered += 1;
        if (version > before) newest.set(`${integrationId} ${key}`, version);
      }
      return Promise.resolve();
    },
  });
  return { times, disordered: () => disordered, stop: () => consumption.stop() };
}

/** Until everything is applied and nothing new comes any more; what is still missing then is missing. */
async function settled(database: TestDatabase, { times }: Consumed, wanted: number): Promise<void> {
  const giveUp = Date.now() + patienceMs;
  let quiet = 0;
  let before = -1;
  while (quiet < 20 && Date.now() < giveUp) {
    await delay(250);
    const { rows } = await database.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM graph.changes');
    const isApplied = rows[0]?.count === wanted;
    quiet = isApplied && times.size === before ? quiet + 1 : 0;
    before = times.size;
    if (times.size === wanted && quiet >= 4) return;
  }
}

async function compare(
  database: TestDatabase,
  consumed: Consumed,
): Promise<{ rows: number; missing: number; repeated: number; disordered: number }> {
  const { rows } = await database.pool.query<{ identity: string }>(
    `SELECT scope || ' ' || key || ' ' || version AS identity FROM graph.changes`,
  );
  return {
    rows: rows.length,
    missing: rows.filter(({ identity }) => !consumed.times.has(identity)).length,
    repeated: [...consumed.times.values()].filter((count) => count > 1).length,
    disordered: consumed.disordered(),
  };
}
