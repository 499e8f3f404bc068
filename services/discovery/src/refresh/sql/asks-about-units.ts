import type { Queryable } from '@orgtrail/database';

/** Whether an event named an OU that was not read since. */
export async function asksAboutUnits(database: Queryable, integrationId: string): Promise<boolean> {
  const { rows } = await database.query<{ asks: boolean }>(
    `SELECT EXISTS (SELECT FROM discovery.refresh_requests
                     WHERE integration_id = $1 AND lane = 'ou' AND reason = 'event' AND confirmations = 0) AS asks`,
    [integrationId],
  );
  return rows[0]?.asks ?? false;
}
