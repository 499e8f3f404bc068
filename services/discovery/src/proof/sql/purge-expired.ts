import type { Queryable } from '@orgtrail/database';
import { isComplete } from './recent-syncs.js';

/** Removes what has served its time: events after a day, quarantined messages after 14 days, settled findings and syncs after 30, figures after a day or two. */
export async function purgeExpired(database: Queryable): Promise<void> {
  await database.query(`DELETE FROM discovery.events WHERE received_at < clock_timestamp() - interval '1 day'`);
  await database.query(`DELETE FROM discovery.quarantined_messages WHERE received_at < clock_timestamp() - interval '14 days'`);
  await database.query(
    `DELETE FROM discovery.found_changes WHERE outcome <> 'open' AND found_at < clock_timestamp() - interval '30 days'`,
  );
  // The newest complete one stays: the proof says how old it is.
  await database.query(
    `DELETE FROM discovery.full_syncs AS sync
      WHERE started_at < clock_timestamp() - interval '30 days'
        AND id <> coalesce((SELECT max(id) FROM discovery.full_syncs
                             WHERE integration_id = sync.integration_id AND ${isComplete}), 0)`,
  );
  await database.query(`DELETE FROM discovery.event_delays WHERE hour < clock_timestamp() - interval '2 days'`);
  await database.query(`DELETE FROM discovery.call_counts WHERE minute < clock_timestamp() - interval '1 day'`);
  await database.query(`DELETE FROM discovery.unannounced_endings WHERE ended_at < clock_timestamp() - interval '2 days'`);
}
