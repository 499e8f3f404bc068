import type { Queryable } from '@orgtrail/database';
import type { Lane } from '../lanes.js';

/** One asking for a subject, as a claimed request had it. */
export interface AskedFor {
  subject: string;
  lane: Lane;
  ask: string;
}

/** Those of these askings that still stand: neither taken back nor followed by another. */
export async function standingAsks(
  database: Queryable,
  integrationId: string,
  asked: readonly AskedFor[],
): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ ask: string }>(
    `SELECT request.ask::text FROM unnest($2::text[], $3::text[], $4::bigint[]) AS asked (subject, lane, ask)
       JOIN discovery.refresh_requests AS request USING (subject, lane, ask)
      WHERE request.integration_id = $1`,
    [integrationId, asked.map(({ subject }) => subject), asked.map(({ lane }) => lane), asked.map(({ ask }) => ask)],
  );
  return new Set(rows.map(({ ask }) => ask));
}
