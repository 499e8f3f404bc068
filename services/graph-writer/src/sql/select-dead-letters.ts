import type { Queryable } from '@orgtrail/database';

export type Resolution = 'REPLAYED' | 'DISCARDED';

/** A dead letter without its content. */
export interface DeadLetterRow {
  /** Bigger than what JSON's numbers hold for sure. */
  id: string;
  topic: string;
  partition: number;
  offset: string;
  group: string;
  code: string;
  message: string;
  recordKey: string | null;
  failedAt: Date;
  resolvedAt: Date | null;
  resolution: Resolution | null;
  resolvedBy: string | null;
  replayOf: string | null;
}

export interface DeadLetterFilter {
  state: 'open' | 'resolved' | 'all';
  code?: string | undefined;
  topic?: string | undefined;
  /** Key of the record: the integration. */
  key?: string | undefined;
  /** Failed at that time or later. */
  since?: string | undefined;
  /** Older than this one. */
  before?: string | undefined;
}

export const deadLetterColumns = `id::text AS id, topic, partition, "offset"::text AS "offset", group_name AS "group", code, message, record_key AS "recordKey",
       failed_at AS "failedAt", resolved_at AS "resolvedAt", resolution, resolved_by AS "resolvedBy", replay_of::text AS "replayOf"`;

/** The newest first. */
export async function selectDeadLetters(
  database: Queryable,
  { state, code, topic, key, since, before }: DeadLetterFilter,
  limit: number,
): Promise<DeadLetterRow[]> {
  const { rows } = await database.query<DeadLetterRow>(
    `SELECT ${deadLetterColumns}
       FROM graph.dead_letters
      WHERE ($1 = 'all' OR (resolved_at IS NULL) = ($1 = 'open'))
        AND ($2::text IS NULL OR code = $2) AND ($3::text IS NULL OR topic = $3) AND ($4::text IS NULL OR record_key = $4)
        AND ($5::timestamptz IS NULL OR failed_at >= $5) AND ($6::bigint IS NULL OR id < $6)
      ORDER BY dead_letters.id DESC
      LIMIT $7`,
    [state, code ?? null, topic ?? null, key ?? null, since ?? null, before ?? null, limit],
  );
  return rows;
}
