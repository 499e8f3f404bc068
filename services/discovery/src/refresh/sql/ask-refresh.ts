import type { Queryable } from '@orgtrail/database';
import type { StoredCause } from '../../observed/sql/store-subjects.js';
import type { Part, SubjectKey } from '../../subjects.js';

export type RefreshReason =
  /** An event named the subject. */
  | 'event'
  /** A complete listing lacks it. */
  | 'nominated'
  /** A part of a live subject was never read. */
  | 'unread'
  /** The bulk tag index says something else than the tags that were read. */
  | 'index-differs'
  /** The bulk tag index says nothing at all. */
  | 'no-index'
  /** The rotating sample that measures the index. */
  | 'sample'
  /** Tags of a new account, once more. */
  | 'unconfirmed'
  | 'operator';

const priorities: Record<RefreshReason, number> = {
  event: 0,
  operator: 0,
  nominated: 1,
  unread: 2,
  unconfirmed: 2,
  'index-differs': 2,
  'no-index': 3,
  sample: 3,
};

export interface Asking {
  subject: SubjectKey;
  parts: readonly Part[];
  reason: RefreshReason;
  cause?: StoredCause;
  departureAnnounced?: boolean;
}

const maximumCauses = 20;

/**
 * Asks for parts of subjects to be read again: one durable row per subject, to which further askings add parts and causes.
 * `ask` is drawn anew, so whoever is reading the subject right now cannot take the request away, and confirmations start again.
 */
export async function askRefresh(database: Queryable, integrationId: string, askings: readonly Asking[]): Promise<void> {
  const coalesced = coalesce(askings);
  if (coalesced.length === 0) return;
  await database.query(
    `INSERT INTO discovery.refresh_requests AS request
            (integration_id, subject, parts, reason, priority, causes, departure_announced, ask)
     SELECT $1, asking.subject, ARRAY(SELECT jsonb_array_elements_text(asking.parts)), asking.reason, asking.priority,
            asking.causes, asking.departure_announced, nextval('discovery.asks')
       FROM json_to_recordset($2::json) AS asking (subject text, parts jsonb, reason text, priority smallint, causes jsonb, departure_announced boolean)
      ORDER BY asking.subject COLLATE "C"
         ON CONFLICT (integration_id, subject) DO UPDATE SET
            parts = ARRAY(SELECT DISTINCT part FROM unnest(request.parts || excluded.parts) AS part ORDER BY part),
            reason = CASE WHEN excluded.priority <= request.priority THEN excluded.reason ELSE request.reason END,
            priority = least(request.priority, excluded.priority),
            causes = CASE WHEN jsonb_array_length(excluded.causes) = 0 THEN request.causes
                          ELSE (SELECT coalesce(jsonb_agg(cause ORDER BY position), '[]')
                                  FROM (SELECT cause, position FROM jsonb_array_elements(request.causes || excluded.causes)
                                               WITH ORDINALITY AS listed (cause, position)
                                         ORDER BY position DESC LIMIT ${maximumCauses}) AS newest) END,
            departure_announced = request.departure_announced OR excluded.departure_announced,
            ask = nextval('discovery.asks'),
            confirmations = CASE WHEN excluded.priority = 0 THEN 0 ELSE request.confirmations END,
            asked_at = clock_timestamp(),
            -- A confirmation that waits for its time is not hurried by a background asking for the same parts.
            due_at = CASE WHEN excluded.priority = 0 OR request.priority > 1
                            OR (request.not_found = 0 AND NOT excluded.parts <@ request.parts) THEN clock_timestamp()
                          ELSE request.due_at END`,
    [
      integrationId,
      JSON.stringify(
        coalesced.map((asking) => ({
          subject: asking.subject,
          parts: asking.parts,
          reason: asking.reason,
          priority: priorities[asking.reason],
          causes: asking.causes,
          departure_announced: asking.departureAnnounced,
        })),
      ),
    ],
  );
}

interface CoalescedAsking {
  subject: SubjectKey;
  parts: readonly Part[];
  reason: RefreshReason;
  causes: readonly StoredCause[];
  departureAnnounced: boolean;
}

/** One statement may not touch a row twice, so askings for one subject become one. */
function coalesce(askings: readonly Asking[]): CoalescedAsking[] {
  const bySubject = new Map<SubjectKey, CoalescedAsking>();
  for (const { subject, parts, reason, cause, departureAnnounced = false } of askings) {
    const known = bySubject.get(subject);
    bySubject.set(subject, {
      subject,
      parts: [...new Set([...(known?.parts ?? []), ...parts])].sort(),
      reason: known && priorities[known.reason] <= priorities[reason] ? known.reason : reason,
      causes: [...(known?.causes ?? []), ...(cause ? [cause] : [])].slice(-maximumCauses),
      departureAnnounced: departureAnnounced || (known?.departureAnnounced ?? false),
    });
  }
  return [...bySubject.values()];
}
