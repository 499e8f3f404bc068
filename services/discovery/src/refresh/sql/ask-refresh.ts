import type { Queryable } from '@orgtrail/database';
import type { FoundBy, StoredCause } from '../../observed/sql/store-subjects.js';
import type { Part, SubjectKey } from '../../subjects.js';
import { laneParts, type Lane } from '../lanes.js';

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
  /** Something happened to a subject that this one depends on. */
  | 'related'
  /** The invitation should have expired by now. */
  | 'expiry'
  | 'operator';

const priorities: Record<RefreshReason, number> = {
  event: 0,
  operator: 0,
  nominated: 1,
  related: 1,
  unread: 2,
  unconfirmed: 2,
  'index-differs': 2,
  expiry: 2,
  'no-index': 3,
  sample: 3,
};

export interface Asking {
  subject: SubjectKey;
  parts: readonly Part[];
  reason: RefreshReason;
  cause?: StoredCause;
  /** The sync that asks. */
  foundBy?: FoundBy | undefined;
  departureAnnounced?: boolean;
  /** Not before. */
  dueAt?: Date;
}

const maximumCauses = 20;
/** What was asked for again before it was read waits until nobody has asked for a second: events come in swarms. */
const quietSeconds = 1;
/** But not longer than this from the first asking. */
const longestQuietSeconds = 5;

/**
 * Asks for parts of subjects to be read again: one durable row per subject and lane, to which further askings add parts and causes.
 * `ask` is drawn anew, so whoever is reading the subject right now cannot take the request away, and confirmations start again.
 */
export async function askRefresh(database: Queryable, integrationId: string, askings: readonly Asking[]): Promise<void> {
  const coalesced = coalesce(askings);
  if (coalesced.length === 0) return;
  const isClaimed = `coalesce(request.claimed_until > clock_timestamp(), false)`;
  // Of an event, and not read since.
  const isOpen = `request.priority = 0 AND request.confirmations = 0`;
  await database.query(
    `INSERT INTO discovery.refresh_requests AS request
            (integration_id, subject, lane, parts, reason, priority, causes, found_by, departure_announced, ask, due_at)
     SELECT $1, asking.subject, asking.lane, ARRAY(SELECT jsonb_array_elements_text(asking.parts)), asking.reason, asking.priority,
            asking.causes, asking.found_by, asking.departure_announced, nextval('discovery.asks'), coalesce(asking.due_at, clock_timestamp())
       FROM json_to_recordset($2::json) AS asking (subject text, lane text, parts jsonb, reason text, priority smallint, causes jsonb, found_by jsonb,
                                                   departure_announced boolean, due_at timestamptz)
      ORDER BY asking.subject COLLATE "C", asking.lane COLLATE "C"
         ON CONFLICT (integration_id, subject, lane) DO UPDATE SET
            parts = ARRAY(SELECT DISTINCT part FROM unnest(request.parts || excluded.parts) AS part ORDER BY part),
            -- What an event touched is confirmed, whoever asks for it besides.
            reason = CASE WHEN excluded.priority < request.priority
                            OR (excluded.priority = request.priority AND request.reason <> 'event') THEN excluded.reason
                          ELSE request.reason END,
            priority = least(request.priority, excluded.priority),
            causes = CASE WHEN jsonb_array_length(excluded.causes) = 0 THEN request.causes
                          ELSE (SELECT coalesce(jsonb_agg(cause ORDER BY position), '[]')
                                  FROM (SELECT cause, position FROM jsonb_array_elements(request.causes || excluded.causes)
                                               WITH ORDINALITY AS listed (cause, position)
                                         ORDER BY position DESC LIMIT ${maximumCauses}) AS newest) END,
            -- The first that asked has found it.
            found_by = coalesce(request.found_by, excluded.found_by),
            departure_announced = request.departure_announced OR excluded.departure_announced,
            -- That a part was never read is known already where it is asked for, and any read of it will do.
            ask = CASE WHEN excluded.reason = 'unread' AND excluded.parts <@ request.parts THEN request.ask
                       ELSE nextval('discovery.asks') END,
            confirmations = CASE WHEN excluded.priority = 0 THEN 0 ELSE request.confirmations END,
            -- The subject may have come back since AWS did not find it.
            not_found = CASE WHEN excluded.priority = 0 AND NOT excluded.departure_announced THEN 0 ELSE request.not_found END,
            asked_at = clock_timestamp(),
            first_asked_at = CASE WHEN excluded.priority = 0 AND (${isClaimed} OR NOT (${isOpen})) THEN clock_timestamp()
                                  ELSE request.first_asked_at END,
            due_at = CASE WHEN request.lane = 'expiry' THEN excluded.due_at
                          WHEN excluded.priority = 0 AND ${isOpen} THEN least(
                            clock_timestamp() + interval '${quietSeconds} s',
                            CASE WHEN ${isClaimed} THEN clock_timestamp() ELSE request.first_asked_at END
                              + interval '${longestQuietSeconds} s')
                          -- What waits for its time, a confirmation or another try, is not hurried by a background asking for the same
                          -- parts, unless that is more urgent than what waits.
                          WHEN excluded.priority = 0 OR (request.priority > 1 AND excluded.priority < request.priority)
                            OR (request.not_found = 0 AND NOT excluded.parts <@ request.parts) THEN clock_timestamp()
                          ELSE request.due_at END`,
    [
      integrationId,
      JSON.stringify(
        coalesced.map((asking) => ({
          subject: asking.subject,
          lane: asking.lane,
          parts: asking.parts,
          reason: asking.reason,
          priority: priorities[asking.reason],
          causes: asking.causes,
          found_by: asking.foundBy ?? null,
          departure_announced: asking.departureAnnounced,
          due_at: asking.dueAt?.toISOString() ?? null,
        })),
      ),
    ],
  );
}

interface CoalescedAsking {
  subject: SubjectKey;
  lane: Lane;
  parts: readonly Part[];
  reason: RefreshReason;
  causes: readonly StoredCause[];
  foundBy: FoundBy | undefined;
  departureAnnounced: boolean;
  dueAt: Date | undefined;
}

/** Of equal ones an event comes first: what it touched is confirmed. */
function isBefore(one: RefreshReason, other: RefreshReason): boolean {
  return priorities[one] < priorities[other] || (priorities[one] === priorities[other] && other !== 'event');
}

/** One statement may not touch a row twice, so askings for one subject and lane become one. */
function coalesce(askings: readonly Asking[]): CoalescedAsking[] {
  const byRow = new Map<string, CoalescedAsking>();
  for (const { subject, reason, cause, foundBy, departureAnnounced = false, dueAt, ...asking } of askings) {
    for (const { lane: ownLane, parts } of laneParts(subject, asking.parts)) {
      const lane = reason === 'expiry' ? 'expiry' : ownLane;
      const known = byRow.get(`${subject} ${lane}`);
      byRow.set(`${subject} ${lane}`, {
        subject,
        lane,
        parts: [...new Set([...(known?.parts ?? []), ...parts])].sort(),
        reason: known && isBefore(known.reason, reason) ? known.reason : reason,
        causes: [...(known?.causes ?? []), ...(cause ? [cause] : [])].slice(-maximumCauses),
        foundBy: known?.foundBy ?? foundBy,
        departureAnnounced: departureAnnounced || (known?.departureAnnounced ?? false),
        dueAt,
      });
    }
  }
  return [...byRow.values()];
}
