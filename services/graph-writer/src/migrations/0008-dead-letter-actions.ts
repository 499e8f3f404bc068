import type { Migration } from '@orgtrail/database';

export const graphDeadLetterActions: Migration = {
  id: 8,
  name: 'dead letter actions',
  sql: `
ALTER TABLE graph.dead_letters
  -- What became of it when it was resolved; NULL where somebody only set the time, by hand.
  ADD COLUMN resolution text CHECK (resolution IN ('REPLAYED', 'DISCARDED')),
  ADD COLUMN resolved_by text,
  -- The dead letter whose replay failed again.
  ADD COLUMN replay_of bigint;
-- What was resolved long enough ago is deleted.
CREATE INDEX dead_letters_resolved ON graph.dead_letters (resolved_at) WHERE resolved_at IS NOT NULL;

-- What administrators did through the API. Never a secret, never content of a record.
CREATE TABLE graph.admin_actions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  who text NOT NULL,
  action text NOT NULL,
  detail jsonb NOT NULL
);
`,
};
