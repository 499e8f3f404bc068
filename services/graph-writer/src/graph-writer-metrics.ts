import { createInstruments, type Metrics } from '@orgtrail/service-runtime';
import type { AppliedBatch } from './applied-batch.js';
import type { ChangeKind } from './change.js';
import { graphWriterMetrics } from './metric-declarations.js';

export interface GraphWriterMetrics {
  applied(batch: AppliedBatch): void;
  /** Shows by topic how many records are not applied yet. Returns what ends that. */
  observeLag(read: () => Promise<Readonly<Record<string, bigint>>>): () => void;
  /** Shows by topic how many partitions stand still. Returns what ends that. */
  observeStopped(read: () => Readonly<Record<string, number>>): () => void;
}

export function createGraphWriterMetrics(meter: Metrics['meter']): GraphWriterMetrics {
  const { applied, stale, closed, deadLetters, eventToGraph, lag, stopped } = createInstruments(meter, graphWriterMetrics);
  return {
    observeLag: (read) =>
      lag.observe(async (say) => {
        for (const [topic, records] of Object.entries(await read())) say(Number(records), { topic });
      }),
    observeStopped: (read) =>
      stopped.observe((say) => {
        for (const [topic, partitions] of Object.entries(read())) say(partitions, { topic });
      }),
    applied: (batch) => {
      const counts = new Map<ChangeKind, number>();
      for (const { kind, receivedAt } of batch.made) {
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
        if (receivedAt !== undefined) eventToGraph.record(Math.max(0, batch.appliedAt.getTime() - Date.parse(receivedAt)) / 1000);
      }
      for (const [kind, count] of counts) applied.add(count, { kind });
      if (batch.unchanged > 0) applied.add(batch.unchanged, { kind: 'UNCHANGED' });
      if (batch.stale > 0) stale.add(batch.stale);
      if (batch.closed > 0) closed.add(batch.closed);
      for (const { code, topic } of batch.deadLetters) deadLetters.add(1, { code, topic });
    },
  };
}
