import type { Migration } from '@orgtrail/database';

export const proofSchema: Migration = {
  id: 7,
  name: 'proof',
  sql: `
-- How long events took, as a histogram of each hour. Kept for two days.
CREATE TABLE discovery.event_delays (
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  hour timestamptz NOT NULL,
  -- Until the queue had it; in the queue; with us.
  part text NOT NULL CHECK (part IN ('aws', 'queue', 'ours')),
  -- Number n holds delays up to 2^(n/4) milliseconds.
  bucket smallint NOT NULL,
  events bigint NOT NULL,
  longest_ms bigint NOT NULL,
  PRIMARY KEY (integration_id, hour, part, bucket)
);

-- Calls of AWS by the minute. Kept for a day.
CREATE TABLE discovery.call_counts (
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  minute timestamptz NOT NULL,
  operation text NOT NULL,
  calls bigint NOT NULL,
  throttled bigint NOT NULL,
  -- What our share of AWS's published rate allows.
  allowed_per_second double precision NOT NULL,
  PRIMARY KEY (integration_id, minute, operation)
);

-- What the replica that watches an integration last said about it.
CREATE TABLE discovery.proofs (
  integration_id uuid PRIMARY KEY REFERENCES discovery.integrations (id),
  kept_at timestamptz NOT NULL,
  -- How long an event may be late before a found change was missed, and how long AWS may answer with what was.
  window_seconds double precision NOT NULL,
  stale_seconds double precision NOT NULL,
  -- Whether the way of the events is whole: { state, findings }.
  path jsonb,
  path_judged_at timestamptz
) WITH (fillfactor = 70);
`,
};
