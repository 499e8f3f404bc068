import type { Migration } from '@orgtrail/database';

export const graphFeedWithinABatch: Migration = {
  id: 15,
  name: 'feed within a batch',
  sql: `
-- Whether nothing of the time at which the position stands is behind it. Of the positions that stand here it is not known: each is looked at once.
ALTER TABLE graph.feed_positions ADD COLUMN is_whole boolean NOT NULL DEFAULT false;
`,
};
