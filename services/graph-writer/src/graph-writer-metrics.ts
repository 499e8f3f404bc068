import type { Metrics } from '@orgtrail/service-runtime';
import type { AppliedBatch } from './apply-batch.js';

export interface GraphWriterMetrics {
  applied(batch: AppliedBatch): void;
}

export function createGraphWriterMetrics(meter: Metrics['meter']): GraphWriterMetrics {
  const applied = meter.createCounter('orgtrail_graph_changes_applied', {
    description: 'Graph changes applied, by what they did; UNCHANGED advanced nothing but a version',
  });
  const stale = meter.createCounter('orgtrail_graph_changes_stale', {
    description: 'Graph changes that were not newer than what the graph holds',
  });
  const closed = meter.createCounter('orgtrail_graph_changes_of_closed_scopes', {
    description: 'Graph changes of removed integrations, dropped',
  });
  const deadLetters = meter.createCounter('orgtrail_dead_letters', {
    description: 'Records that failed for a reason of their own, by code, those of the other services included',
  });
  const eventToGraph = meter.createHistogram('orgtrail_event_to_graph_seconds', {
    description: 'From an event reaching the queue to the change in the graph',
    unit: 's',
    advice: { explicitBucketBoundaries: [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 900, 3600] },
  });
  return {
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
