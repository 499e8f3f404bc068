import type { Migration } from '@orgtrail/database';

export const lightSyncsSchema: Migration = {
  id: 5,
  name: 'light syncs',
  sql: `
ALTER TABLE discovery.integrations
  ADD COLUMN light_sync_ask bigint,
  ADD COLUMN light_sync_reason text,
  ADD COLUMN last_light_sync_at timestamptz,
  -- Drawn by whoever begins a sync: only he keeps its lease and gives it back.
  ADD COLUMN sync_claim bigint,
  -- A sync of this kind was begun and has not succeeded yet: it stays due.
  ADD COLUMN unfinished_sync text CHECK (unfinished_sync IN ('full', 'light')),
  -- How far the sync is that runs now. Says nothing once the lease has run out.
  ADD COLUMN sync_progress jsonb,
  -- What the last syncs could not read: { incompleteBecause, problems }.
  ADD COLUMN sync_findings jsonb;

-- The table has both kinds, whatever its name says.
ALTER TABLE discovery.full_syncs ADD COLUMN kind text NOT NULL DEFAULT 'full' CHECK (kind IN ('full', 'light'));

-- A subject can have changed in several ways at once, and each is counted by itself.
ALTER TABLE discovery.found_changes
  DROP CONSTRAINT found_changes_pkey,
  ADD PRIMARY KEY (integration_id, subject, subject_version, kind);
`,
};
