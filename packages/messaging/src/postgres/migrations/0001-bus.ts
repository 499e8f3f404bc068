import type { Migration } from '@orgtrail/database';

/**
 * The row of a partition carries its next offset. Publishers take offsets under that row's lock and keep it until they commit: offsets
 * have no gaps, and become visible in their order, so a reader that saw offset n will never meet a smaller one later.
 *
 * The row of a group's offset also says which member holds the partition. `epoch` grows with each claim, so a former holder's
 * commit finds no row to update.
 */
export const bus: Migration = {
  id: 1,
  name: 'append-only bus',
  sql: `
    CREATE TABLE bus.topics (
      topic text PRIMARY KEY,
      partitions integer NOT NULL CHECK (partitions > 0),
      retention_ms bigint NOT NULL CHECK (retention_ms > 0)
    );

    CREATE TABLE bus.partitions (
      topic text NOT NULL,
      partition integer NOT NULL,
      next_offset bigint NOT NULL DEFAULT 0,
      PRIMARY KEY (topic, partition)
    ) WITH (fillfactor = 50);

    CREATE TABLE bus.records (
      topic text NOT NULL,
      partition integer NOT NULL,
      record_offset bigint NOT NULL,
      key text NOT NULL,
      value bytea,
      headers jsonb NOT NULL,
      published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (topic, partition, record_offset)
    );
    COMMENT ON COLUMN bus.records.headers IS 'name -> base64 of the bytes';

    CREATE TABLE bus.group_members (
      group_name text NOT NULL,
      member uuid NOT NULL,
      topics text[] NOT NULL,
      expires_at timestamptz NOT NULL,
      PRIMARY KEY (group_name, member)
    ) WITH (fillfactor = 50);

    CREATE TABLE bus.group_offsets (
      group_name text NOT NULL,
      topic text NOT NULL,
      partition integer NOT NULL,
      next_offset bigint NOT NULL DEFAULT 0,
      member uuid,
      epoch bigint NOT NULL DEFAULT 0,
      PRIMARY KEY (group_name, topic, partition)
    ) WITH (fillfactor = 50);
  `,
};
