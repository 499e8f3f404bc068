import type { Queryable } from '@orgtrail/database';
import type { StoredCause } from '../../observed/sql/store-subjects.js';
import type { Part, SubjectKey } from '../../subjects.js';
import type { RefreshReason } from './ask-refresh.js';

export interface RefreshRequest {
  subject: SubjectKey;
  parts: Part[];
  reason: RefreshReason;
  causes: StoredCause[];
  departureAnnounced: boolean;
  /** Compared by equality when the work is done: a request that was asked again meanwhile stays. */
  ask: string;
  confirmations: number;
  notFound: number;
  attempts: number;
}

/**
 * Claims due requests for `leaseSeconds`, the most urgent first. The claim is for economy: when it runs out, another worker
 * reads the same subjects again, and versions keep the result right.
 */
export async function claimDueRequests(
  database: Queryable,
  integrationId: string,
  options: { limit: number; leaseSeconds: number },
): Promise<RefreshRequest[]> {
  const { rows } = await database.query<{
    subject: SubjectKey;
    parts: Part[];
    reason: RefreshReason;
    causes: StoredCause[];
    departure_announced: boolean;
    ask: string;
    confirmations: number;
    not_found: number;
    attempts: number;
  }>(
    `WITH due AS (
       SELECT integration_id, subject FROM discovery.refresh_requests
        WHERE integration_id = $1 AND due_at <= clock_timestamp() AND (claimed_until IS NULL OR claimed_until < clock_timestamp())
        ORDER BY priority, due_at
        LIMIT $2
          FOR UPDATE SKIP LOCKED)
     UPDATE discovery.refresh_requests AS request
        SET claimed_until = clock_timestamp() + make_interval(secs => $3)
       FROM due WHERE request.integration_id = due.integration_id AND request.subject = due.subject
  RETURNING request.subject, request.parts, request.reason, request.causes, request.departure_announced, request.ask,
            request.confirmations, request.not_found, request.attempts`,
    [integrationId, options.limit, options.leaseSeconds],
  );
  return rows.map((row) => ({
    subject: row.subject,
    parts: row.parts,
    reason: row.reason,
    causes: row.causes,
    departureAnnounced: row.departure_announced,
    ask: row.ask,
    confirmations: row.confirmations,
    notFound: row.not_found,
    attempts: row.attempts,
  }));
}
