import type { Queryable } from '@orgtrail/database';
import type { Part, SubjectKey } from '../../subjects.js';
import type { Lane } from '../lanes.js';
import type { RefreshReason } from './ask-refresh.js';

export interface DueRequest {
  subject: SubjectKey;
  lane: Lane;
  parts: Part[];
  ask: string;
  confirmations: number;
  reason: RefreshReason;
}

/** What is due, noted before a sync draws its version: of these it settles what it covers. Who was not found once is asked alone again. */
export async function dueRequests(database: Queryable, integrationId: string): Promise<DueRequest[]> {
  const { rows } = await database.query<DueRequest>(
    `SELECT subject, lane, parts, ask, confirmations, reason FROM discovery.refresh_requests
      WHERE integration_id = $1 AND due_at <= clock_timestamp() AND not_found = 0`,
    [integrationId],
  );
  return rows;
}

/** Requests of one integration, counted. */
export interface RequestCounts {
  /** Requests that are due now, or claimed by a worker. */
  due: number;
  /** Confirmations and retries that wait for their time. */
  waiting: number;
  /** Of all, those without which the graph is not complete: unread parts, nominations, differences of the tag index. */
  open: number;
  /** Of the open ones, those that failed in three tries or more. */
  stuck: number;
  /** A failure among them. */
  lastError?: string;
  /** Of the due ones, how many each lane has. */
  dueByLane: Partial<Record<Lane, number>>;
  /** Of these, the first reads that events ask for. */
  dueEventsByLane: Partial<Record<Lane, number>>;
}

/** An invitation that waits for its expiry is no work that is left: nobody knows a change of it. */
export async function countRequests(database: Queryable, integrationId: string): Promise<RequestCounts> {
  const { rows } = await database.query<{
    lane: Lane;
    due: number;
    due_events: number;
    waiting: number;
    open: number;
    stuck: number;
    last_error: string | null;
  }>(
    `SELECT lane,
            count(*) FILTER (WHERE due_at <= clock_timestamp())::int AS due,
            count(*) FILTER (WHERE due_at <= clock_timestamp() AND urgency = 0)::int AS due_events,
            count(*) FILTER (WHERE due_at > clock_timestamp() AND lane <> 'expiry')::int AS waiting,
            count(*) FILTER (WHERE (confirmations = 0 OR not_found > 0) AND (lane <> 'expiry' OR due_at <= clock_timestamp()))::int AS open,
            count(*) FILTER (WHERE (confirmations = 0 OR not_found > 0) AND attempts >= 3)::int AS stuck,
            max(last_error) AS last_error
       FROM discovery.refresh_requests WHERE integration_id = $1 GROUP BY lane ORDER BY lane`,
    [integrationId],
  );
  const sum = (count: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + count(row), 0);
  const lastError = rows.find(({ last_error: error }) => error !== null)?.last_error;
  return {
    due: sum(({ due }) => due),
    waiting: sum(({ waiting }) => waiting),
    open: sum(({ open }) => open),
    stuck: sum(({ stuck }) => stuck),
    ...(lastError ? { lastError } : {}),
    dueByLane: Object.fromEntries(rows.flatMap(({ lane, due }) => (due === 0 ? [] : [[lane, due]]))),
    dueEventsByLane: Object.fromEntries(rows.flatMap(({ lane, due_events: due }) => (due === 0 ? [] : [[lane, due]]))),
  };
}
