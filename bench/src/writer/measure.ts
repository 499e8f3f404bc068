import { setTimeout as delay } from 'node:timers/promises';
import { processorSeconds } from '../processor-time.js';
import type { PhaseFigures } from './phases.js';

const patienceMs = 15 * 60_000;

/** Watches a consumer from the moment it reads until it has handled so many records. */
export async function measure(options: {
  records: number;
  postgresPid: number;
  /** Records that are committed by now. */
  handled: () => Promise<number>;
}): Promise<PhaseFigures> {
  const { records, postgresPid, handled } = options;
  const began = performance.now();
  const nodeBefore = process.cpuUsage();
  const postgresBefore = await processorSeconds(postgresPid);
  const samples: number[] = [];
  while ((await handled()) < records) {
    if (performance.now() - began > patienceMs) throw new Error(`Not handled within ${patienceMs / 60_000} minutes.`);
    samples.push(process.memoryUsage.rss() / 1e6);
    await delay(50);
  }
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(nodeBefore);
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  return {
    records,
    seconds,
    nodeSeconds: (user + system) / 1e6,
    postgresSeconds: (await processorSeconds(postgresPid)) - postgresBefore,
    rss: { early: Math.max(0, ...samples.slice(0, quarter)), late: Math.max(0, ...samples.slice(-quarter)) },
  };
}
