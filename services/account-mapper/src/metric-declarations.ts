import { defineMetrics } from '@orgtrail/service-runtime';

/** The mapper's figures; docs/metrics.md is made of them. */
export const accountMapperMetrics = defineMetrics({
  mapped: {
    kind: 'counter',
    name: 'orgtrail_observations_mapped_total',
    description: 'Observations turned into graph changes',
  },
  deadLetters: {
    kind: 'counter',
    name: 'orgtrail_mapper_dead_letters_total',
    description: 'Observations that could not be read',
    alert: 'at all: discovery and the mapper do not understand each other',
  },
});
