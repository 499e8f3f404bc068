import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { graphChangeOf, loadOf } from '@orgtrail/bench';
import { createKafkaBus, type Bus, type OutgoingRecord } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import { createLogger } from '@orgtrail/service-runtime';
import { createTestDatabase, startLocalKafka, type TestDatabase } from '@orgtrail/testkit';
import type { Report } from '../report.js';
import { freePort, startService, type ServiceProcess } from '../service-process.js';

const keys = 100_000;
const editions = 10;
const records = keys * editions;
/** What the chart lets the writer have. */
const limitMib = 512;
/** What grows from the first tenth to the last one; a collector's heap breathes. */
const mostGrowthPercent = 15;
const patienceMs = 15 * 60_000;
const scopes = Array.from({ length: 40 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);

/** The writer's memory while it works off a million changes that wait for it. */
export async function backlog(report: Report): Promise<void> {
  const kafka = await startLocalKafka();
  const database = await createTestDatabase();
  const logger = createLogger({ service: 'acceptance', level: 'silent' });
  const bus = await createKafkaBus({ brokers: kafka.brokers, clientId: 'orgtrail-acceptance', logger });
  const adminPort = await freePort();
  let writer: ServiceProcess | undefined;
  try {
    await publishBacklog(bus, report);
    writer = startService('graph-writer', {
      PATH: process.env['PATH'],
      DATABASE_URL: database.connectionString,
      KAFKA_BROKERS: kafka.brokers.join(','),
      ADMIN_HOST: '127.0.0.1',
      ADMIN_PORT: String(adminPort),
      LOG_LEVEL: 'warn',
      // As the image starts it, and as Node sets itself where a container may have this much.
      NODE_OPTIONS: `--max-semi-space-size=16 --max-old-space-size=${limitMib / 2}`,
    });
    // Its tables are there then.
    await writer.answering(`http://127.0.0.1:${adminPort}/readyz`);
    const samples = await watchMemory(writer, database);
    const peak = (from: number, to: number): number =>
      Math.max(0, ...samples.filter(({ applied }) => applied >= from * records && applied <= to * records).map(({ mib }) => mib));
    const [early, late] = [peak(0.1, 0.3), peak(0.8, 1)];
    report.say(`peak after a tenth ${early.toFixed(0)} MiB, at the end ${late.toFixed(0)} MiB, ${samples.length} samples`);
    report.atMost(
      `growth of the writer's memory over a backlog of ${records}, from ${early.toFixed(0)} to ${late.toFixed(0)} MiB`,
      (100 * (late - early)) / early,
      mostGrowthPercent,
      '%',
    );
    report.atMost("peak of the writer's memory over that backlog, under the chart's limit", peak(0, 1), limitMib, 'MiB');
  } finally {
    await writer?.stop();
    await bus.close();
    await database.drop();
    await kafka.stop();
  }
}

async function publishBacklog(bus: Bus, report: Report): Promise<void> {
  await bus.ensureTopics([{ topic: topics.graphChanges, partitions: 4 }]);
  const chunk: OutgoingRecord[] = [];
  for (let edition = 0; edition < editions; edition += 1) {
    for (const record of loadOf({ scopes, keys }, { edition, version: BigInt(Date.now()) * 1000n })) {
      chunk.push(graphChangeOf(record));
      if (chunk.length === 5000) await bus.publish(topics.graphChanges, chunk.splice(0));
    }
  }
  await bus.publish(topics.graphChanges, chunk);
  report.say(`${records} changes of ${keys} accounts are waiting`);
}

interface Sample {
  applied: number;
  mib: number;
}

/** Until all is applied. */
async function watchMemory(writer: ServiceProcess, { pool }: TestDatabase): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (const giveUp = performance.now() + patienceMs; ;) {
    const { rows } = await pool.query<{ applied: string }>(
      `SELECT coalesce(sum(next_offset), 0) AS applied FROM graph.consumer_offsets WHERE topic = $1`,
      [topics.graphChanges],
    );
    const applied = Number(rows[0]?.applied ?? 0);
    samples.push({ applied, mib: await residentMiB(writer) });
    if (applied >= records) return samples;
    if (!writer.isRunning() || performance.now() > giveUp) {
      throw new Error(`The writer does not get there: ${writer.output.join('').slice(-2000)}`);
    }
    await delay(200);
  }
}

async function residentMiB({ pid }: ServiceProcess): Promise<number> {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kibibytes === undefined) throw new Error('The kernel does not tell the memory of a process here: this needs Linux.');
  return Number(kibibytes) / 1024;
}
