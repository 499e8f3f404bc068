import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool } from '@orgtrail/database';
import { startEmbeddedPostgres } from '@orgtrail/embedded-postgres';
import { createKafkaBus, type Bus, type OutgoingRecord } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import { createLogger } from '@orgtrail/service-runtime';
import { startLocalKafka } from '@orgtrail/testkit';
import { phases, warmUp, type Phase, type PhaseFigures } from './phases.js';
import { graphChangeOf, loadOf, plainRecordOf, type LoadRecord, type LoadShape } from './records.js';
import { runBareLoop } from './run-bare-loop.js';
import { runWriter, type WriterRun } from './run-writer.js';
import { cleanTables } from './sql/clean-tables.js';

export interface PhaseComparison {
  phase: Exclude<Phase['name'], 'warm-up'>;
  partitions: number;
  writer: WriterRun;
  bare: PhaseFigures;
  /** Bytes of a record, on average. */
  recordBytes: { writer: number; bare: number };
}

export interface ComparisonOptions {
  partitions: number;
  keys: number;
  say(text: string): void;
}

/**
 * The writer and the bare loop, phase by phase, on the same real Kafka and the same PostgreSQL: it waits for the disk at each commit, and has the memory and the room for its log that a
 * server of its own would have (with 1 GB a checkpoint comes every few seconds, and what is measured is how often pages are logged whole after it). The records of a phase lie in the topic
 * before it is measured, and the tables are vacuumed and analyzed before each run: by itself PostgreSQL would do that once a minute, in the middle of whatever runs then, and for what ran
 * before.
 */
export async function compareWithBareLoop({ partitions, keys, say }: ComparisonOptions): Promise<PhaseComparison[]> {
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-bench-'));
  const postgres = await startEmbeddedPostgres({
    dataDirectory: join(folder, 'postgres'),
    parameters: { shared_buffers: '2GB', max_wal_size: '8GB', autovacuum: 'off' },
  });
  const kafka = await startLocalKafka();
  const logger = createLogger({ service: 'bench', level: 'silent' });
  const pool = createPool({ connectionString: postgres.connectionString, applicationName: 'orgtrail-bench' });
  const bus = await createKafkaBus({ brokers: kafka.brokers, clientId: 'orgtrail-bench', logger });
  const comparisons: PhaseComparison[] = [];
  let version = BigInt(Date.now()) * 1000n;
  const comparePhase = async ({ name, editions }: Phase, shape: LoadShape): Promise<Omit<PhaseComparison, 'phase'>> => {
    const records = shape.keys * editions.length;
    say(`${partitions} partition(s), ${name}: publishing ${records} records, twice`);
    const plain = `bench.${name}`;
    await bus.ensureTopics([{ topic: plain, partitions }]);
    const load = editions.map((edition) => ({ edition, version: (version += 1n) }));
    const rounds = load.map((one) => () => loadOf(shape, one));
    const sent = await publishAll(bus, topics.graphChanges, rounds, graphChangeOf);
    const sentPlain = await publishAll(bus, plain, rounds, plainRecordOf);
    await cleanTables(pool);
    const bare = await runBareLoop({ brokers: kafka.brokers, topic: plain, pool, records, postgresPid: postgres.pid });
    await cleanTables(pool);
    const writer = await runWriter({ bus, pool, records, postgresPid: postgres.pid });
    return { partitions, writer, bare, recordBytes: { writer: sent / records, bare: sentPlain / records } };
  };
  try {
    await bus.ensureTopics([{ topic: topics.graphChanges, partitions }]);
    await comparePhase(warmUp, { scopes: organizations('1'), keys: warmUp.keys });
    for (const phase of phases) {
      comparisons.push({ ...(await comparePhase(phase, { scopes: organizations('0'), keys })), phase: phase.name });
    }
  } finally {
    await bus.close();
    await pool.end();
    await kafka.stop();
    await postgres.destroy();
    await rm(folder, { recursive: true, force: true });
  }
  return comparisons;
}

/** Many, so that they spread over the partitions. */
function organizations(first: string): string[] {
  return Array.from({ length: 40 }, (_, index) => `${first}0000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
}

/** Resolves to how many bytes were published. */
async function publishAll(
  bus: Bus,
  topic: string,
  rounds: readonly (() => Iterable<LoadRecord>)[],
  recordOf: (record: LoadRecord) => OutgoingRecord,
): Promise<number> {
  let bytes = 0;
  let chunk: OutgoingRecord[] = [];
  const flush = async (): Promise<void> => {
    await bus.publish(topic, chunk);
    chunk = [];
  };
  for (const round of rounds) {
    for (const record of round()) {
      const outgoing = recordOf(record);
      bytes += outgoing.value?.length ?? 0;
      chunk.push(outgoing);
      if (chunk.length === 5000) await flush();
    }
  }
  await flush();
  return bytes;
}
