import { defineMetrics } from '@orgtrail/service-runtime';

/** The mapper's figures; docs/metrics.md is made of them. */
export const accountMapperMetrics = defineMetrics({
  mapped: {
    kind: 'counter',
    name: 'orgtrail_observations_mapped_total',
    description: 'Observations turned into graph changes',
  },
  lag: {
    kind: 'gauge',
    name: 'orgtrail_mapper_lag_records',
    description: 'Observations on the bus that are not mapped yet, of all partitions; absent while the bus does not answer',
    alert: 'it grows for 5 min: no mapper runs, or it waits for the bus',
  },
  deadLetters: {
    kind: 'counter',
    name: 'orgtrail_mapper_dead_letters_total',
    description: 'Observations that could not be read',
    alert: 'at all: discovery and the mapper do not understand each other',
  },
  stopped: {
    kind: 'gauge',
    name: 'orgtrail_mapper_stopped_partitions',
    description: 'Partitions of observations that stand still, because too many of their records cannot be read',
    alert: 'above 0: docs/dead-letters.md has the way out',
  },
});
