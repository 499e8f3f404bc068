import { setTimeout as delay } from 'node:timers/promises';
import { createGraphWriter } from '@orgtrail/graph-writer';
import type { Bus } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import type pg from 'pg';
import { measure } from './measure.js';
import type { PhaseFigures } from './phases.js';
import { appliedRecords, countRows, type RowCounts } from './sql/applied.js';

export interface WriterRun {
  figures: PhaseFigures;
  rows: RowCounts;
}

/** Lets the writer apply `records` records that lie in the topic already. */
export async function runWriter(options: { bus: Bus; pool: pg.Pool; records: number; postgresPid: number }): Promise<WriterRun> {
  const { bus, pool, records, postgresPid } = options;
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const writer = createGraphWriter({ bus, pool, logger, meter: createMetrics().meter });
  await writer.start();
  try {
    const before = await appliedRecords(pool, topics.graphChanges);
    await untilReading(() => writer.checks?.['bus']?.());
    const handled = async (): Promise<number> => (await appliedRecords(pool, topics.graphChanges)) - before;
    const figures = await Promise.race([measure({ records, postgresPid, handled }), failureOf(writer.done)]);
    return { figures, rows: await countRows(pool) };
  } finally {
    await writer.stop();
  }
}

async function untilReading(check: () => unknown): Promise<void> {
  for (;;) {
    try {
      await check();
      return;
    } catch {
      await delay(5);
    }
  }
}

async function failureOf(done: Promise<void> | undefined): Promise<never> {
  await done;
  throw new Error('The writer ended before it was done.');
}
