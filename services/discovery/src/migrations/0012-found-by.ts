import type { Migration } from '@orgtrail/database';

export const foundBySchema: Migration = {
  id: 12,
  name: 'found by',
  sql: `
-- { id, kind, startedAt } of the sync that found what is to be published, where no event explains it.
ALTER TABLE discovery.observed_subjects ADD COLUMN found_by jsonb;

-- The same of the sync that asked, where one did: what is read for it was found by it.
ALTER TABLE discovery.refresh_requests ADD COLUMN found_by jsonb;
`,
};
