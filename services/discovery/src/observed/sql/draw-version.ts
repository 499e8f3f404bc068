import type { Queryable } from '@orgtrail/database';
import type { Version } from '../subject-state.js';

/**
 * Draws the next version of an integration (invariant 1). On a pool it commits by itself: to be done before the read it stamps.
 * On a client inside a transaction it holds the clock's row until the commit, so versions grow in the order of merges.
 */
export async function drawVersion(database: Queryable, integrationId: string): Promise<Version> {
  const { rows } = await database.query<{ value: string }>(
    `UPDATE discovery.version_clocks
        SET value = GREATEST(value + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
      WHERE integration_id = $1
  RETURNING value`,
    [integrationId],
  );
  const row = rows[0];
  if (!row) throw new Error(`Integration ${integrationId} has no version clock.`);
  return BigInt(row.value);
}
