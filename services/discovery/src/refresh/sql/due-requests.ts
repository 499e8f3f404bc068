import type { Queryable } from '@orgtrail/database';
import type { Part, SubjectKey } from '../../subjects.js';
import type { RefreshReason } from './ask-refresh.js';

export interface DueRequest {
  subject: SubjectKey;
  parts: Part[];
  ask: string;
  confirmations: number;
  reason: RefreshReason;
}

/** What a full sync will cover, noted before it draws its version: due requests that read what the sync reads. */
export async function dueRequests(database: Queryable, integrationId: string): Promise<DueRequest[]> {
  const { rows } = await database.query<DueRequest>(
    `SELECT subject, parts, ask, confirmations, reason FROM discovery.refresh_requests
      WHERE integration_id = $1 AND due_at <= clock_timestamp() AND not_found = 0`,
    [integrationId],
  );
  return rows;
}

export interface Backlog {
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
}

export async function readBacklog(database: Queryable, integrationId: string): Promise<Backlog> {
  const { rows } = await database.query<{ due: number; waiting: number; open: number; stuck: number; last_error: string | null }>(
    `SELECT count(*) FILTER (WHERE due_at <= clock_timestamp())::int AS due,
            count(*) FILTER (WHERE due_at > clock_timestamp())::int AS waiting,
            count(*) FILTER (WHERE confirmations = 0 OR not_found > 0)::int AS open,
            count(*) FILTER (WHERE (confirmations = 0 OR not_found > 0) AND attempts >= 3)::int AS stuck,
            max(last_error) AS last_error
       FROM discovery.refresh_requests WHERE integration_id = $1`,
    [integrationId],
  );
  const row = rows[0];
  return {
    due: row?.due ?? 0,
    waiting: row?.waiting ?? 0,
    open: row?.open ?? 0,
    stuck: row?.stuck ?? 0,
    ...(row?.last_error ? { lastError: row.last_error } : {}),
  };
}
