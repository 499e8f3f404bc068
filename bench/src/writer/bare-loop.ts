import { Kafka, logLevel } from 'kafkajs';
import type pg from 'pg';
import { createTable, upsert } from './sql/bare-table.js';

const batchSize = 5000;
const inFlight = 2;
const deadlock = '40P01';

interface Row {
  id: string;
  version: string;
  properties: unknown;
}

export interface BareLoop {
  rows(): number;
  stop(): Promise<void>;
}

/**
 * The simplest loop that keeps the newest state of each key: one guarded upsert per 5,000 records, two of them in flight. It has no
 * history, no relationships and no offsets in the transaction, and forgets on a crash what was in flight.
 */
export async function startBareLoop({
  pool,
  brokers,
  topic,
}: {
  pool: pg.Pool;
  brokers: string[];
  topic: string;
}): Promise<BareLoop> {
  await createTable(pool);
  const kafka = new Kafka({ clientId: 'bare-loop', brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bare-loop-${topic}`, maxWaitTimeInMs: 100 });
  let written = 0;
  let collected: Row[] = [];
  const underWay = new Set<Promise<void>>();
  let failure: Error | undefined;

  const flush = async (): Promise<void> => {
    if (collected.length === 0) return;
    const rows = new Map<string, Row>();
    for (const row of collected) rows.set(row.id, row);
    const count = collected.length;
    collected = [];
    while (underWay.size >= inFlight) await Promise.race(underWay);
    const sent = JSON.stringify([...rows.values()]);
    const work: Promise<void> = upsert(pool, sent)
      // Of several partitions two in flight may have the same keys in another order.
      .catch((error: unknown) =>
        (error as { code?: unknown }).code === deadlock ? upsert(pool, sent) : Promise.reject(error as Error),
      )
      .then(
        () => void (written += count),
        (error: unknown) => void (failure = new Error(`The bare loop failed: ${String(error)}`, { cause: error })),
      )
      .finally(() => underWay.delete(work));
    underWay.add(work);
  };

  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommitInterval: 1000,
    eachBatch: async ({ batch: { messages } }) => {
      if (failure !== undefined) throw failure;
      for (const { value } of messages) {
        collected.push(JSON.parse(String(value)) as Row);
        if (collected.length === batchSize) await flush();
      }
    },
  });
  // What is left when no more comes.
  const leftOver = setInterval(() => void flush(), 200);
  return {
    rows: () => {
      if (failure !== undefined) throw failure;
      return written;
    },
    stop: async () => {
      clearInterval(leftOver);
      await consumer.disconnect();
      await Promise.all(underWay);
    },
  };
}
