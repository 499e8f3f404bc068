import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { graphChangeOf, loadOf } from '@orgtrail/bench';
import { createPool } from '@orgtrail/database';
import { decodeGraphChange, encodeGraphChange } from '@orgtrail/graph-model';
import { createGraphWriter } from '@orgtrail/graph-writer';
import { createKafkaBus, type Bus, type OutgoingRecord } from '@orgtrail/messaging';
import { consumerGroups, topics } from '@orgtrail/proto';
import { createLogger, createMetrics, type Component } from '@orgtrail/service-runtime';
import { createTestDatabase, startLocalKafka, type TestDatabase } from '@orgtrail/testkit';
import type { Report } from '../report.js';
import { countAttempts, countStatements, type StatementCount } from './count-statements.js';

const records = 5000;
const badRecords = [1234, 2468, 4999];
const mostStatements = 60;
const scope = '00000000-0000-4000-8000-000000000001';
/** No index of Postgres takes it (SQLSTATE 54000). */
const parentIdThatPostgresRefuses = Array.from({ length: 100 }, (_, index) => hash('sha256', String(index), 'base64')).join('');

/** A few records among thousands that PostgreSQL refuses for their content: found in few statements, and nothing else is lost. */
export async function poison(report: Report): Promise<void> {
  const kafka = await startLocalKafka();
  const database = await createTestDatabase();
  const logger = createLogger({ service: 'acceptance', level: 'silent' });
  const bus = await createKafkaBus({ brokers: kafka.brokers, clientId: 'orgtrail-acceptance', logger });
  const pool = createPool({ connectionString: database.connectionString, applicationName: 'orgtrail-acceptance' });
  try {
    // Of one partition: what is bad stands among as many neighbours as possible.
    await bus.ensureTopics([{ topic: topics.graphChanges, partitions: 1 }]);
    const startWriter = (): Component => createGraphWriter({ bus: watched, pool, logger, meter: createMetrics().meter });
    const count = countStatements(pool);
    const watched = countingFromTheFirstBatch(bus, count);
    // Once without records, for the tables.
    const first = startWriter();
    await first.start();
    await first.stop();
    const attempts = await countAttempts(database.pool);
    await bus.publish(topics.graphChanges, load());
    const writer = startWriter();
    await writer.start();
    try {
      await Promise.race([untilRead(bus), writer.done]);
    } finally {
      await writer.stop();
    }
    const [sent, tried] = [count.sent(), await attempts()];
    const among = `${records} records with ${badRecords.length} that PostgreSQL refuses`;
    report.atMost(`statements sent for ${among}, in all`, sent, mostStatements);
    report.atMost('attempts to write them, those within the server included', tried, mostStatements);
    await reportRows(report, database);
  } finally {
    await bus.close();
    await pool.end();
    await database.drop();
    await kafka.stop();
  }
}

function load(): OutgoingRecord[] {
  const all = [...loadOf({ scopes: [scope], keys: records }, { edition: 0, version: BigInt(Date.now()) * 1000n })];
  return all.map(graphChangeOf).map((record, index) => (badRecords.includes(index) ? refusable(record) : record));
}

function refusable(record: OutgoingRecord): OutgoingRecord {
  const change = decodeGraphChange(record.value ?? new Uint8Array());
  if (change.change.case !== 'present' || !change.change.value.entity?.properties) throw new Error('It is no account.');
  change.change.value.entity.properties['parentId'] = parentIdThatPostgresRefuses;
  return { ...record, value: encodeGraphChange(change) };
}

/** Migrations and the like are no part of it. */
function countingFromTheFirstBatch(bus: Bus, count: StatementCount): Bus {
  return {
    ...bus,
    consume: (options) =>
      bus.consume({
        ...options,
        onBatch: (batch) => {
          count.begin();
          return options.onBatch(batch);
        },
      }),
  };
}

async function untilRead(bus: Bus): Promise<void> {
  while (((await bus.lag(consumerGroups.graphWriter, [topics.graphChanges]))[topics.graphChanges] ?? 1n) > 0n) await delay(50);
}

async function reportRows(report: Report, { pool }: TestDatabase): Promise<void> {
  const { rows } = await pool.query<{ entities: number; changes: number; letters: number; refused: string }>(
    `SELECT (SELECT count(*)::int FROM graph.entities WHERE live) AS entities, (SELECT count(*)::int FROM graph.changes) AS changes,
            (SELECT count(*)::int FROM graph.dead_letters) AS letters,
            (SELECT coalesce(string_agg("offset"::text, ', ' ORDER BY "offset"), 'none')
               FROM graph.dead_letters WHERE code = 'SQLSTATE_54000') AS refused`,
  );
  const [row] = rows;
  const written = records - badRecords.length;
  const equal = (name: string, figure: number | string | undefined, bound: number | string): void =>
    report.point(name, { figure: figure ?? 'none', bound, pass: figure === bound });
  equal('of these written', row?.entities, written);
  equal('of these with a row in the history', row?.changes, written);
  equal('dead letters', row?.letters, badRecords.length);
  equal('offsets of the dead letters, by the refusal of PostgreSQL', row?.refused, badRecords.join(', '));
}
