import type pg from 'pg';
import type { SubjectRow } from '../rows.js';

/** Advances subjects to their new versions. Throws when the guard refuses one, which the locks rule out. */
export async function storeSubjects(client: pg.PoolClient, subjects: readonly SubjectRow[], at: string): Promise<void> {
  if (subjects.length === 0) return;
  const rows = subjects.map((row) => ({
    scope: row.scope,
    subject: row.subject,
    version: row.version.toString(),
    live: row.live,
    ever_live: row.everLive,
    ended_reason: row.endedReason,
  }));
  const { rowCount } = await client.query(
    `INSERT INTO graph.subjects AS stored (scope, subject, version, live, created_at, ended_at, ended_reason)
     SELECT scope, subject, version, live,
            CASE WHEN ever_live THEN $2::timestamptz END, CASE WHEN NOT live THEN $2::timestamptz END, ended_reason
       FROM json_to_recordset($1::json)
         AS applied (scope text, subject text, version bigint, live boolean, ever_live boolean, ended_reason text)
         ON CONFLICT (scope, subject) DO UPDATE
        SET version = excluded.version,
            live = excluded.live,
            created_at = coalesce(stored.created_at, excluded.created_at),
            -- When it ended first: confirming a tombstone moves nothing.
            ended_at = CASE WHEN excluded.live THEN NULL
                            WHEN stored.live THEN excluded.ended_at
                            ELSE coalesce(stored.ended_at, excluded.ended_at) END,
            ended_reason = excluded.ended_reason
      WHERE stored.version < excluded.version`,
    [JSON.stringify(rows), at],
  );
  if (rowCount !== subjects.length) {
    throw new Error(
      'Subjects were advanced by somebody else although their scope is locked: does another program write to schema graph?',
    );
  }
}
