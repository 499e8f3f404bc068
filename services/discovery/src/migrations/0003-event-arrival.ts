import type { Migration } from '@orgtrail/database';

export const eventArrivalSchema: Migration = {
  id: 3,
  name: 'event arrival',
  sql: `
-- When the newest event of this organization was taken in, whatever it was about: discovery.events forgets after a day.
ALTER TABLE discovery.integrations ADD COLUMN last_event_at timestamptz;
UPDATE discovery.integrations AS integration
   SET last_event_at = (SELECT max(received_at) FROM discovery.events WHERE integration_id = integration.id);
`,
};
