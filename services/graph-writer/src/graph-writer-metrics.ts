import { createInstruments, type Metrics } from '@orgtrail/service-runtime';
import type { AppliedBatch } from './apply-batch.js';
import { graphWriterMetrics } from './metric-declarations.js';

export interface GraphWriterMetrics {
  applied(batch: AppliedBatch): void;
  /** Shows by topic how many records are not applied yet. Returns what ends that. */
  observeLag(read: () => Promise<Readonly<Record<string, bigint>>>): () => void;
}

export function createGraphWriterMetrics(meter: Metrics['meter']): GraphWriterMetrics {
  const { applied, stale, closed, deadLetters, eventToGraph, lag } = createInstruments(meter, graphWriterMetrics);
  return {
    observeLag: (read) =>
      lag.observe(async (say) => {
        for (const [topic, records] of Object.entries(await read())) say(Number(records), { topic });
      }),
    applied: (batch) => {
      for (const { kind, cause, appliedAt } of batch.changes) {
        applied.add(1, { kind });
        if (cause?.receivedAt) eventToGraph.record(Math.max(0, appliedAt.getTime() - cause.receivedAt.getTime()) / 1000);
      }
      if (batch.unchanged > 0) applied.add(batch.unchanged, { kind: 'UNCHANGED' });
      if (batch.stale > 0) stale.add(batch.stale);
      if (batch.closed > 0) closed.add(batch.closed);
      for (const { code, topic } of batch.deadLetters) deadLetters.add(1, { code, topic });
    },
  };
}
