import { defineMetrics } from '@orgtrail/service-runtime';

/** The feed's figures; docs/metrics.md is made of them. */
export const graphFeedMetrics = defineMetrics({
  published: {
    kind: 'counter',
    name: 'orgtrail_feed_published_total',
    description: 'Rows of the history that were published to the feed, repetitions after a crash included',
  },
  delay: {
    kind: 'gauge',
    name: 'orgtrail_feed_delay_seconds',
    description: 'Since the oldest row of the history was written that the feed does not have; 0 where it has all',
    alert: 'above 60: no writer publishes, or the bus does not take the feed',
  },
});
