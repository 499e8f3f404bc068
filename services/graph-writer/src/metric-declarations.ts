import { topics } from '@orgtrail/proto';
import { defineMetrics, everyCombination } from '@orgtrail/service-runtime';

/** The writer's figures; docs/metrics.md is made of them. */
export const graphWriterMetrics = defineMetrics({
  applied: {
    kind: 'counter',
    name: 'orgtrail_graph_changes_applied_total',
    description: 'Graph changes applied, by what they did',
    labels: { kind: '`BASELINE`, `CREATED`, `UPDATED`, `ENDED`, `RETURNED`; `UNCHANGED` advanced nothing but a version' },
  },
  stale: {
    kind: 'counter',
    name: 'orgtrail_graph_changes_stale_total',
    description: 'Graph changes that were not newer than what the graph holds: repeated or late, and of no harm',
  },
  closed: {
    kind: 'counter',
    name: 'orgtrail_graph_changes_of_closed_scopes_total',
    description: 'Graph changes of removed integrations, dropped',
  },
  lag: {
    kind: 'gauge',
    name: 'orgtrail_writer_lag_records',
    description: 'Records on the bus that are not in the graph yet, of all partitions; absent while the bus does not answer',
    labels: { topic: 'of graph changes, or of dead letters' },
    alert: 'it grows for 5 min: no writer runs, or the database is slow',
  },
  deadLetters: {
    kind: 'counter',
    name: 'orgtrail_dead_letters_total',
    description: 'Records that failed for a reason of their own, those of the other services included',
    labels: { code: 'why', topic: 'where the record stands' },
    fromZero: everyCombination({
      code: ['UNPARSABLE', 'CONTRACT_VIOLATION', 'OWNED_BY_ANOTHER_SUBJECT'],
      topic: [topics.observations, topics.graphChanges, topics.deadLetters],
    }),
    alert: 'at all: a subject of the graph is not as it was observed; `graph.dead_letters` has the record and the reason',
  },
  stopped: {
    kind: 'gauge',
    name: 'orgtrail_writer_stopped_partitions',
    description: 'Partitions that stand still, because too many of their records cannot be applied',
    labels: { topic: 'of graph changes, or of dead letters' },
    alert: 'above 0: the graph of their integrations is not kept up; docs/dead-letters.md has the way out',
  },
  eventToGraph: {
    kind: 'histogram',
    name: 'orgtrail_event_to_graph_seconds',
    description: 'From an event reaching the queue to the change in the graph',
    buckets: [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 900, 3600],
    alert: '95 % above 60 s',
  },
});
