import type { Queryable } from '@orgtrail/database';
import type { SubjectKey } from '../../subjects.js';

/**
 * Takes back what would end these subjects: approvals, nominations, and what AWS did not find once. An event that was not answered yet
 * still is, as if nothing had been found missing; an announced departure is none of an operator's. Locked in the order of the keys.
 */
export async function withdrawEndings(
  database: Queryable,
  integrationId: string,
  subjects: readonly SubjectKey[],
): Promise<void> {
  await database.query(
    `WITH locked AS MATERIALIZED (
       SELECT subject, lane FROM discovery.refresh_requests
        WHERE integration_id = $1 AND subject = ANY ($2) AND lane IN ('account', 'ou') AND NOT departure_announced
          AND (not_found > 0 OR reason IN ('nominated', 'operator'))
        ORDER BY subject COLLATE "C", lane COLLATE "C"
          FOR UPDATE)
     DELETE FROM discovery.refresh_requests AS request USING locked
      WHERE request.integration_id = $1 AND request.subject = locked.subject AND request.lane = locked.lane`,
    [integrationId, subjects],
  );
}
