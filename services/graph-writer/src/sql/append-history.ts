import type pg from 'pg';
import type { HistoryRow } from '../plan-batch.js';

/** Appends to the history. A row that is there already stays as it is. */
export async function appendHistory(client: pg.PoolClient, history: readonly HistoryRow[], at: string): Promise<void> {
  if (history.length === 0) return;
  const rows = history.map((row) => ({
    scope: row.scope,
    key: row.key,
    version: row.version.toString(),
    subject: row.subject,
    type: row.type,
    kind: row.kind,
    state: row.after,
    cause: row.cause,
    observed_at: row.observedAt.toISOString(),
  }));
  await client.query(
    `INSERT INTO graph.changes (scope, key, version, subject, type, kind, state, cause, observed_at, at)
     SELECT scope, key, version, subject, type, kind, state, cause, observed_at, $2::timestamptz
       FROM json_to_recordset($1::json)
         AS made (scope text, key text, version bigint, subject text, type text, kind text, state jsonb, cause jsonb,
                  observed_at timestamptz)
         ON CONFLICT (scope, key, version) DO NOTHING`,
    [JSON.stringify(rows), at],
  );
}
