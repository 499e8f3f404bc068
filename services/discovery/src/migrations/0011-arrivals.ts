import type { Migration } from '@orgtrail/database';

export const arrivalsSchema: Migration = {
  id: 11,
  name: 'arrivals',
  sql: `
-- When the newest event happened that has come, by its own time: that it came shows that the way was whole then.
ALTER TABLE discovery.integrations ADD COLUMN last_event_happened_at timestamptz;

-- Of a replica that reads the queue: when it last could, and why events are not taken in, if they are not.
ALTER TABLE discovery.proofs
  ADD COLUMN queue_read_at timestamptz,
  ADD COLUMN queue_failure text;

-- Whether it listens for posted events. NULL: a version that does not say.
ALTER TABLE discovery.replicas ADD COLUMN takes_posts boolean;

-- What AWS does by itself, and announces nowhere, was not missed.
ALTER TABLE discovery.found_changes
  DROP CONSTRAINT found_changes_outcome_check,
  ADD CONSTRAINT found_changes_outcome_check CHECK (outcome IN ('open', 'explained', 'missed', 'unannounceable'));

-- Each round of the proof looks for the newest, and for the newest complete one, however long ago.
CREATE INDEX full_syncs_newest ON discovery.full_syncs (integration_id, id DESC);
CREATE INDEX full_syncs_complete ON discovery.full_syncs (integration_id, id DESC)
  WHERE kind = 'full' AND outcome = 'complete' AND jsonb_array_length(coalesce(summary->'problems', '[]')) = 0;
`,
};
