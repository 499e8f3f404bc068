import { setTimeout as sleep } from 'node:timers/promises';
import type { Batch, IncomingRecord } from '../port.js';

export type Seen = IncomingRecord & { topic: string; partition: number };

export interface Recorder {
  onBatch: (batch: Batch) => Promise<void>;
  seen: Seen[];
  /** The texts of the values, in the order of handling. */
  texts: () => string[];
  batchSizes: number[];
}

export function createRecorder(): Recorder {
  const seen: Seen[] = [];
  const batchSizes: number[] = [];
  return {
    seen,
    batchSizes,
    texts: () => seen.map(({ value }) => String(value)),
    onBatch: ({ topic, partition, records }) => {
      batchSizes.push(records.length);
      seen.push(...records.map((record) => ({ ...record, topic, partition })));
      return Promise.resolve();
    },
  };
}

/** Looks again and again until it is true; generous, because a noisy machine is no defect of the bus. */
export async function eventually(what: string, isTrue: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`Not true within ${withinMs / 1000} s: ${what}`);
    await sleep(20);
  }
}
