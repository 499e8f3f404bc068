import type { Queryable } from '@orgtrail/database';
import type { FoundBy, StoredCause } from '../../observed/sql/store-subjects.js';
import type { Part, SubjectKey } from '../../subjects.js';
import { departureStands } from '../departure-stands.js';
import { urgencies, type Lane, type Urgency } from '../lanes.js';
import type { RefreshReason } from './ask-refresh.js';

export interface RefreshRequest {
  subject: SubjectKey;
  lane: Lane;
  parts: Part[];
  reason: RefreshReason;
  urgency: Urgency;
  causes: StoredCause[];
  /** The sync that asked. */
  foundBy?: FoundBy | undefined;
  /** And nothing has brought it back since. */
  departureAnnounced: boolean;
  /** Compared by equality when the work is done: a request that was asked again meanwhile stays. */
  ask: string;
  confirmations: number;
  notFound: number;
  attempts: number;
}

/** So many of one lane and urgency at most. */
export interface Wanted {
  lane: Lane;
  urgency: Urgency;
  most: number;
  /** Only what was asked for later: the rest is about to be read by something greater. */
  askedAfter?: Date | undefined;
  /** Only what was asked for earlier: the rest is still being asked for, again and again. */
  askedBefore?: Date | undefined;
}

interface ClaimedRow {
  subject: SubjectKey;
  lane: Lane;
  parts: Part[];
  reason: RefreshReason;
  urgency: number;
  causes: StoredCause[];
  found_by: FoundBy | null;
  departure_announced: boolean;
  ask: string;
  confirmations: number;
  not_found: number;
  attempts: number;
}

/** Looked up one by one in the order of the claim: a join would read all subjects at each round. */
const isLive = `coalesce((SELECT observed.live FROM discovery.observed_subjects AS observed
                            WHERE observed.integration_id = request.integration_id AND observed.subject = request.subject), false)`;
const dueOf = ({ isKnown, most }: { isKnown: boolean; most: string }): string => `
       SELECT found.* FROM wanted CROSS JOIN LATERAL (
         SELECT request.subject, request.lane, request.urgency FROM discovery.refresh_requests AS request
          WHERE request.integration_id = $1 AND request.lane = wanted.lane AND request.urgency = wanted.urgency
            AND request.due_at <= clock_timestamp() AND (request.claimed_until IS NULL OR request.claimed_until < clock_timestamp())
            AND (wanted.asked_after IS NULL OR request.asked_at > wanted.asked_after)
            AND (wanted.asked_before IS NULL OR request.asked_at < wanted.asked_before)
            AND ${isLive} = ${isKnown}
          ORDER BY request.priority, request.due_at
          LIMIT ${most}
            FOR UPDATE OF request SKIP LOCKED) AS found`;

/**
 * Claims due requests for `leaseSeconds`, the most urgent and then the oldest of each lane first; of subjects that do not live for us, what
 * there is room for besides: whoever forges events names more of those than AWS lets us read. The claim is for economy: when it
 * runs out, another worker reads the same subjects again, and versions keep the result right.
 */
export async function claimDueRequests(
  database: Queryable,
  integrationId: string,
  options: { wanted: readonly Wanted[]; leaseSeconds: number },
): Promise<RefreshRequest[]> {
  const wanted = options.wanted.filter(({ most }) => most > 0);
  if (wanted.length === 0) return [];
  const { rows } = await database.query<ClaimedRow>(
    `WITH wanted AS (
       SELECT * FROM json_to_recordset($2::json) AS wanted (lane text, urgency smallint, most integer, asked_after timestamptz,
                                                           asked_before timestamptz)),
     known AS MATERIALIZED (${dueOf({ isKnown: true, most: 'wanted.most' })}),
     strangers AS MATERIALIZED (${dueOf({
       isKnown: false,
       most: '(SELECT wanted.most - count(*) FROM known WHERE known.lane = wanted.lane AND known.urgency = wanted.urgency)',
     })}),
     due AS (SELECT * FROM known UNION ALL SELECT * FROM strangers)
     UPDATE discovery.refresh_requests AS request
        SET claimed_until = clock_timestamp() + make_interval(secs => $3)
       FROM due WHERE request.integration_id = $1 AND request.subject = due.subject AND request.lane = due.lane
  RETURNING request.subject, request.lane, request.parts, request.reason, request.urgency, request.causes, request.found_by,
            request.departure_announced, request.ask, request.confirmations, request.not_found, request.attempts`,
    [
      integrationId,
      JSON.stringify(
        wanted.map(({ lane, urgency, most, askedAfter, askedBefore }) => ({
          lane,
          urgency: urgencies.indexOf(urgency),
          most,
          asked_after: askedAfter?.toISOString() ?? null,
          asked_before: askedBefore?.toISOString() ?? null,
        })),
      ),
      options.leaseSeconds,
    ],
  );
  return rows.map((row) => ({
    subject: row.subject,
    lane: row.lane,
    parts: row.parts,
    reason: row.reason,
    urgency: urgencies[row.urgency] ?? 'background',
    causes: row.causes,
    ...(row.found_by === null ? {} : { foundBy: row.found_by }),
    departureAnnounced: row.departure_announced && departureStands(row.causes),
    ask: row.ask,
    confirmations: row.confirmations,
    notFound: row.not_found,
    attempts: row.attempts,
  }));
}

/** Keeps the claims on what is still being read: at a slow rate that takes longer than a lease. */
export async function renewClaims(
  database: Queryable,
  integrationId: string,
  claimed: readonly Pick<RefreshRequest, 'subject' | 'lane' | 'ask'>[],
  leaseSeconds: number,
): Promise<void> {
  if (claimed.length === 0) return;
  await database.query(
    `UPDATE discovery.refresh_requests AS request
        SET claimed_until = clock_timestamp() + make_interval(secs => $5)
       FROM (SELECT * FROM unnest($2::text[], $3::text[], $4::bigint[]) AS held (subject, lane, ask)
              ORDER BY subject COLLATE "C", lane COLLATE "C") AS held
      WHERE request.integration_id = $1 AND request.subject = held.subject AND request.lane = held.lane AND request.ask = held.ask`,
    [
      integrationId,
      claimed.map(({ subject }) => subject),
      claimed.map(({ lane }) => lane),
      claimed.map(({ ask }) => ask),
      leaseSeconds,
    ],
  );
}
