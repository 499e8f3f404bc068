import type pg from 'pg';
import { startBareLoop } from './bare-loop.js';
import { measure } from './measure.js';
import type { PhaseFigures } from './phases.js';

/** Lets the bare loop write `records` records that lie in a topic of their own already. */
export async function runBareLoop(options: {
  brokers: string[];
  topic: string;
  pool: pg.Pool;
  records: number;
  postgresPid: number;
}): Promise<PhaseFigures> {
  const { records, postgresPid } = options;
  const loop = await startBareLoop(options);
  try {
    return await measure({ records, postgresPid, handled: () => Promise.resolve(loop.rows()) });
  } finally {
    await loop.stop();
  }
}
