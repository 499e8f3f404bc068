import type { Migration } from '@orgtrail/database';

export const graphFeedSchema: Migration = {
  id: 7,
  name: 'feed',
  sql: `
-- How far the history of each scope was published to the feed. Times of a scope are taken under its lock and grow with every batch, so what is committed
-- later stands behind: nothing is skipped (invariant 13), and the history itself is the outbox.
CREATE TABLE graph.feed_positions (
  scope text PRIMARY KEY,
  at timestamptz NOT NULL,
  version bigint NOT NULL,
  key text NOT NULL
) WITH (fillfactor = 50);
`,
};
