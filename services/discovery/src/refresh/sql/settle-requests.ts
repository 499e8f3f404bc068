import type { Queryable } from '@orgtrail/database';
import type { Part, SubjectKey } from '../../subjects.js';
import type { Lane } from '../lanes.js';

/** What becomes of a request after its reads. Every outcome holds only while `ask` is still the one that was claimed. */
export type Settlement =
  | { outcome: 'done' }
  /** Read well; AWS is eventually consistent, so the same parts are read once more later. */
  | { outcome: 'confirm'; afterSeconds: number; notFound: number }
  /** These parts were not read: they stay due. */
  | { outcome: 'retry'; parts: readonly Part[]; afterSeconds: number; error: string }
  /** Nothing was tried: whoever comes next may claim it. */
  | { outcome: 'give-back' };

export interface SettledRequest {
  subject: SubjectKey;
  lane: Lane;
  ask: string;
  settlement: Settlement;
}

/**
 * Settles requests. One that was asked again meanwhile stays, and only the claim on it (when it was `claimed` for this) is given back: by
 * that it is read once more. Locked in the order of their keys, so that two batches never wait for each other in a circle.
 */
export async function settleRequests(
  database: Queryable,
  integrationId: string,
  requests: readonly SettledRequest[],
  { claimed = true }: { claimed?: boolean } = {},
): Promise<void> {
  if (requests.length === 0) return;
  const rows = requests.map(({ subject, lane, ask, settlement }) => ({
    subject,
    lane,
    ask,
    outcome: settlement.outcome,
    parts: settlement.outcome === 'retry' ? settlement.parts : null,
    after_seconds: 'afterSeconds' in settlement ? settlement.afterSeconds : null,
    not_found: settlement.outcome === 'confirm' ? settlement.notFound : null,
    error: settlement.outcome === 'retry' ? settlement.error : null,
  }));
  await database.query(
    `WITH settled AS (
       SELECT * FROM json_to_recordset($2::json) AS settled (subject text, lane text, ask bigint, outcome text, parts jsonb,
                                                            after_seconds double precision, not_found smallint, error text)),
     locked AS MATERIALIZED (
       SELECT request.subject, request.lane, request.ask = settled.ask AS holds
         FROM discovery.refresh_requests AS request JOIN settled USING (subject, lane)
        WHERE request.integration_id = $1
        ORDER BY request.subject COLLATE "C", request.lane COLLATE "C"
          FOR UPDATE OF request),
     done AS (
       DELETE FROM discovery.refresh_requests AS request USING settled JOIN locked USING (subject, lane)
        WHERE request.integration_id = $1 AND request.subject = settled.subject AND request.lane = settled.lane
          AND locked.holds AND settled.outcome = 'done')
     UPDATE discovery.refresh_requests AS request
        SET claimed_until = CASE WHEN locked.holds OR $3 THEN NULL ELSE request.claimed_until END,
            -- Whoever reads it at the same moment has settled another asking than the one that waits for its confirmation.
            ask = CASE WHEN locked.holds AND settled.outcome = 'confirm' THEN nextval('discovery.asks') ELSE request.ask END,
            due_at = CASE WHEN locked.holds AND settled.after_seconds IS NOT NULL
                          THEN clock_timestamp() + make_interval(secs => settled.after_seconds) ELSE request.due_at END,
            confirmations = CASE WHEN locked.holds AND settled.outcome = 'confirm' THEN request.confirmations + 1 ELSE request.confirmations END,
            not_found = CASE WHEN locked.holds AND settled.outcome = 'confirm' THEN settled.not_found ELSE request.not_found END,
            attempts = CASE WHEN NOT locked.holds THEN request.attempts WHEN settled.outcome = 'confirm' THEN 0
                            WHEN settled.outcome = 'retry' THEN request.attempts + 1 ELSE request.attempts END,
            parts = CASE WHEN locked.holds AND settled.outcome = 'retry' THEN ARRAY(SELECT jsonb_array_elements_text(settled.parts))
                         ELSE request.parts END,
            last_error = CASE WHEN NOT locked.holds THEN request.last_error WHEN settled.outcome = 'confirm' THEN NULL
                              WHEN settled.outcome = 'retry' THEN settled.error ELSE request.last_error END
       FROM settled JOIN locked USING (subject, lane)
      WHERE request.integration_id = $1 AND request.subject = settled.subject AND request.lane = settled.lane
        AND NOT (locked.holds AND settled.outcome = 'done')`,
    [integrationId, JSON.stringify(rows), claimed],
  );
}
