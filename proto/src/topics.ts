/** Topics, all with `cleanup.policy=delete`: compaction would keep one record per organization, since the key is the integration id. */
export const topics = {
  /** Values: `orgtrail.observation.v1.Observation`. Written by discovery, read by account-mapper. */
  observations: 'orgtrail.observations.v1',
  /** Values: `orgtrail.graph.v1.GraphChange`. Written by account-mapper, read by graph-writer. */
  graphChanges: 'orgtrail.graph-changes.v1',
  /** Values: `orgtrail.graph.v1.DeadLetter`. Written by account-mapper, read by graph-writer. */
  deadLetters: 'orgtrail.dead-letters.v1',
  /** Values: `orgtrail.graph.v1.FeedChange`. Written by graph-writer, for whoever follows the graph. */
  graphFeed: 'orgtrail.graph-feed.v1',
} as const;

/** Who reads the topics: how far a group is behind tells how far the graph is. */
export const consumerGroups = {
  accountMapper: 'orgtrail-account-mapper',
  graphWriter: 'orgtrail-graph-writer',
} as const;
