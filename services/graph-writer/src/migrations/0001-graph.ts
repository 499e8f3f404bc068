import type { Migration } from '@orgtrail/database';

export const graphSchema: Migration = {
  id: 1,
  name: 'graph',
  sql: `
-- One row per integration. Every batch locks the rows of its scopes, sorted, before anything else.
CREATE TABLE graph.scopes (
  scope text PRIMARY KEY,
  -- Set when the integration was removed: its late records are counted and dropped.
  closed boolean NOT NULL DEFAULT false,
  -- The time of the newest history of this scope; the next one is later, even if the server's clock was set back.
  last_applied_at timestamptz
) WITH (fillfactor = 50);

-- The version guard of every subject, those without an entity included.
CREATE TABLE graph.subjects (
  scope text NOT NULL,
  subject text NOT NULL,
  version bigint NOT NULL,
  live boolean NOT NULL,
  -- NULL for a subject that was never seen alive: only its ending is known.
  created_at timestamptz,
  ended_at timestamptz,
  ended_reason text,
  PRIMARY KEY (scope, subject)
) WITH (fillfactor = 80);

-- No index contains version or updated_at: a row that is only confirmed stays in its page (HOT).
CREATE TABLE graph.entities (
  scope text NOT NULL,
  key text NOT NULL,
  -- The owner.
  subject text NOT NULL,
  type text NOT NULL,
  classes text[] NOT NULL,
  display_name text NOT NULL,
  -- The account that the entity counts for.
  account_id text,
  properties jsonb NOT NULL,
  -- Computed, so that they can never tell another story than the properties.
  status text GENERATED ALWAYS AS (properties ->> 'status') STORED,
  parent_id text GENERATED ALWAYS AS (properties ->> 'parentId') STORED,
  -- The subject version that last said or confirmed this row.
  version bigint NOT NULL,
  live boolean NOT NULL,
  ended_at timestamptz,
  ended_reason text,
  -- What led to the last change of content, when an event explains it.
  cause jsonb,
  created_at timestamptz NOT NULL,
  -- When the content last changed.
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (scope, key)
) WITH (fillfactor = 80);
CREATE INDEX entities_subject ON graph.entities (scope, subject);
CREATE INDEX entities_type ON graph.entities (scope, type) WHERE live;
CREATE INDEX entities_account_id ON graph.entities (scope, account_id) WHERE live;

-- An edge is live exactly while its owner is. What a live owner no longer has is deleted; the history keeps it.
CREATE TABLE graph.relationships (
  scope text NOT NULL,
  key text NOT NULL,
  owner text NOT NULL,
  type text NOT NULL,
  class text NOT NULL,
  from_key text NOT NULL,
  to_key text NOT NULL,
  properties jsonb NOT NULL,
  -- The subject version of the owner that last changed the edges of this owner.
  version bigint NOT NULL,
  live boolean NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (scope, key)
) WITH (fillfactor = 80);
CREATE INDEX relationships_owner ON graph.relationships (scope, owner);
CREATE INDEX relationships_from ON graph.relationships (scope, from_key);
CREATE INDEX relationships_to ON graph.relationships (scope, to_key);

-- The history, append-only. Versions are microseconds since the epoch, so a partition is a month.
CREATE TABLE graph.changes (
  scope text NOT NULL,
  -- The entity's key; the subject where it owns no entity.
  key text NOT NULL,
  version bigint NOT NULL,
  subject text NOT NULL,
  type text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('BASELINE', 'CREATED', 'UPDATED', 'ENDED', 'RETURNED')),
  -- The whole state after the change, relationships included; NULL after an ending.
  state jsonb,
  cause jsonb,
  observed_at timestamptz,
  -- Taken while the scope is locked: grows with the versions of a scope.
  at timestamptz NOT NULL,
  UNIQUE (scope, key, version)
) PARTITION BY RANGE (version);
CREATE INDEX changes_at ON graph.changes (scope, at);
-- For versions outside the months that the writer creates ahead: nothing is refused for its date.
CREATE TABLE graph.changes_default PARTITION OF graph.changes DEFAULT;

-- How far each partition of the bus is applied, written in the transaction that applies it.
CREATE TABLE graph.consumer_offsets (
  group_name text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  -- When the bus took the last applied record: tells a replay from a topic that begins anew.
  last_record_at timestamptz NOT NULL,
  PRIMARY KEY (group_name, topic, partition)
) WITH (fillfactor = 50);

CREATE TABLE graph.dead_letters (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  -- The consumer group that could not process the record.
  group_name text NOT NULL,
  code text NOT NULL,
  -- What was wrong, without any content of the record.
  message text NOT NULL,
  record_key text,
  record_value bytea,
  -- Text as text; other bytes as { "base64": … }.
  headers jsonb NOT NULL,
  failed_at timestamptz NOT NULL,
  resolved_at timestamptz,
  UNIQUE (topic, partition, "offset")
);
CREATE INDEX dead_letters_open ON graph.dead_letters (topic, partition) WHERE resolved_at IS NULL;
`,
};
