import type { Migration } from '@orgtrail/database';

export const lanesSchema: Migration = {
  id: 8,
  name: 'lanes',
  // The version before asks for a subject's only row, which may be two now.
  breaking: true,
  sql: `
-- Each call of AWS has a rate of its own, so what is read by one call does not wait for what is read by another: tags have rows of
-- their own, and so has the look at an invitation after it should have expired ('expiry').
ALTER TABLE discovery.refresh_requests
  ADD COLUMN lane text,
  -- When what is not read yet was asked for first: it waits for quiet, but not longer than this allows.
  ADD COLUMN first_asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- 0: an event's first read, 1: confirmations and nominations, 2: everything else.
  ADD COLUMN urgency smallint NOT NULL GENERATED ALWAYS AS
    (CASE WHEN priority = 0 AND confirmations = 0 THEN 0 WHEN priority <= 1 THEN 1 ELSE 2 END) STORED;
UPDATE discovery.refresh_requests SET lane = CASE WHEN parts = '{tags}' THEN 'tags' ELSE split_part(subject, ':', 1) END;
ALTER TABLE discovery.refresh_requests DROP CONSTRAINT refresh_requests_pkey;
INSERT INTO discovery.refresh_requests (integration_id, subject, lane, parts, reason, priority, causes, ask, confirmations, due_at)
SELECT integration_id, subject, 'tags', '{tags}', reason, priority, causes, nextval('discovery.asks'), confirmations, due_at
  FROM discovery.refresh_requests WHERE lane <> 'tags' AND 'tags' = ANY (parts);
UPDATE discovery.refresh_requests SET parts = array_remove(parts, 'tags') WHERE lane <> 'tags' AND 'tags' = ANY (parts);
ALTER TABLE discovery.refresh_requests
  ALTER COLUMN lane SET NOT NULL,
  ADD PRIMARY KEY (integration_id, subject, lane);
DROP INDEX discovery.refresh_requests_due;
CREATE INDEX refresh_requests_due ON discovery.refresh_requests (integration_id, lane, urgency, priority, due_at);
`,
};
