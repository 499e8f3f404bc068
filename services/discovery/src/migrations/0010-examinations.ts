import type { Migration } from '@orgtrail/database';

export const examinationsSchema: Migration = {
  id: 10,
  name: 'examinations',
  sql: `
-- What one replica asks the one that watches the integration to examine: AWS's budget is that one's alone.
CREATE TABLE discovery.examinations (
  integration_id uuid PRIMARY KEY REFERENCES discovery.integrations (id) ON DELETE CASCADE,
  ask bigint NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  answered_ask bigint NOT NULL DEFAULT 0,
  checks jsonb
);
`,
};
