import type { Migration } from '@orgtrail/database';

export const ownershipSchema: Migration = {
  id: 6,
  name: 'ownership',
  sql: `
-- Processes that share the integrations. One that is not seen any more counts no longer.
CREATE TABLE discovery.replicas (
  -- Random for each process: what a former process of the same name still sends is not taken for ours.
  replica_id uuid PRIMARY KEY,
  name text NOT NULL,
  seen_until timestamptz NOT NULL
);

-- Which replica watches an integration. A lease, for economy: two that watch the same cost calls, never a wrong graph. Beside the
-- integrations and not in their rows, which merges lock: who takes over must not wait for who hangs.
CREATE TABLE discovery.claims (
  integration_id uuid PRIMARY KEY REFERENCES discovery.integrations (id),
  replica_id uuid NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  until timestamptz NOT NULL
) WITH (fillfactor = 70);
`,
};
