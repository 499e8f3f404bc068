import type { Migration } from '@orgtrail/database';

export const discoverySchema: Migration = {
  id: 1,
  name: 'discovery',
  sql: `
CREATE TABLE discovery.integrations (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  -- The same organization twice would mean two writers for one truth.
  organization_id text NOT NULL UNIQUE,
  partition text NOT NULL,
  management_account_id text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Set when the first full sync completed: what came before is a baseline, not a change.
  baseline_at timestamptz,
  full_sync_ask bigint,
  full_sync_reason text,
  full_sync_lease_until timestamptz,
  last_full_sync_at timestamptz
);

-- One row per integration: versions order, not pods' clocks.
CREATE TABLE discovery.version_clocks (
  integration_id uuid PRIMARY KEY REFERENCES discovery.integrations (id),
  value bigint NOT NULL
) WITH (fillfactor = 10);

CREATE TABLE discovery.observed_subjects (
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  subject text NOT NULL,
  kind text NOT NULL,
  -- part -> { version, value }: core, placement, tags (read by ListTagsForResource), tagIndex (from the bulk index)
  parts jsonb NOT NULL DEFAULT '{}',
  -- The greatest version at which AWS said that the subject does not exist; parts that are not newer are forgotten.
  gone_version bigint NOT NULL DEFAULT 0,
  gone_reason text,
  live boolean NOT NULL DEFAULT false,
  -- 0 until there is something to publish.
  subject_version bigint NOT NULL DEFAULT 0,
  published_version bigint NOT NULL DEFAULT 0,
  cause jsonb,
  baseline boolean NOT NULL DEFAULT false,
  observed_at timestamptz,
  PRIMARY KEY (integration_id, subject)
) WITH (fillfactor = 80);
CREATE INDEX observed_subjects_unpublished ON discovery.observed_subjects (integration_id)
  WHERE published_version < subject_version;

-- Drawn at each asking and compared by equality: a request is done only if nobody asked again.
CREATE SEQUENCE discovery.asks;

CREATE TABLE discovery.refresh_requests (
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  subject text NOT NULL,
  parts text[] NOT NULL,
  reason text NOT NULL,
  -- 0 events, 1 nominations, 2 everything else
  priority smallint NOT NULL,
  causes jsonb NOT NULL DEFAULT '[]',
  departure_announced boolean NOT NULL DEFAULT false,
  ask bigint NOT NULL,
  -- How many confirmations were already done.
  confirmations smallint NOT NULL DEFAULT 0,
  -- How many reads in a row answered "not found" for a live subject.
  not_found smallint NOT NULL DEFAULT 0,
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  claimed_until timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  last_error text,
  PRIMARY KEY (integration_id, subject)
) WITH (fillfactor = 70);
CREATE INDEX refresh_requests_due ON discovery.refresh_requests (integration_id, priority, due_at);

-- Events that were taken in, for economy (a repeated event asks once), attribution and the missed-changes figure. Kept for a day.
CREATE TABLE discovery.events (
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  event_id text NOT NULL,
  subjects text[] NOT NULL,
  cause jsonb NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (integration_id, event_id)
);
CREATE INDEX events_received_at ON discovery.events USING brin (received_at);
CREATE INDEX events_subjects ON discovery.events USING gin (subjects);

-- Messages that are no event of this organization. Kept for 14 days.
CREATE TABLE discovery.quarantined_messages (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  message_id text NOT NULL,
  reason text NOT NULL,
  detail text NOT NULL,
  body text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (integration_id, message_id)
);

CREATE TABLE discovery.full_syncs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  version bigint NOT NULL,
  reason text NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  outcome text,
  summary jsonb
);

-- What full syncs found changed. An event that names the subject soon after explains it; what stays unexplained was missed.
CREATE TABLE discovery.found_changes (
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  subject text NOT NULL,
  subject_version bigint NOT NULL,
  kind text NOT NULL,
  found_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  outcome text NOT NULL DEFAULT 'open' CHECK (outcome IN ('open', 'explained', 'missed')),
  PRIMARY KEY (integration_id, subject, subject_version)
);

-- Endings that no departure event announced, for the 24 h sum of the mass-deletion guard.
CREATE TABLE discovery.unannounced_endings (
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  subject text NOT NULL,
  ended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (integration_id, subject, ended_at)
);

-- Endings above the guard's threshold: they wait for an operator.
CREATE TABLE discovery.held_deletions (
  integration_id uuid NOT NULL REFERENCES discovery.integrations (id),
  subject text NOT NULL,
  held_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  approved_at timestamptz,
  approved_by text,
  PRIMARY KEY (integration_id, subject)
);
`,
};
