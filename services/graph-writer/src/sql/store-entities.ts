import type pg from 'pg';
import type { ConfirmedEntity, EntityRow } from '../rows.js';

/** Writes entities whose content or life changed. An ended one keeps its row, with when and why. */
export async function storeEntities(client: pg.PoolClient, entities: readonly EntityRow[], at: string): Promise<void> {
  if (entities.length === 0) return;
  const rows = entities.map((row) => ({
    scope: row.scope,
    key: row.key,
    subject: row.subject,
    type: row.type,
    classes: row.classes,
    display_name: row.displayName,
    account_id: row.accountId,
    properties: row.properties,
    version: row.version.toString(),
    live: row.live,
    ended_reason: row.endedReason,
    cause: row.cause,
  }));
  await client.query(
    `INSERT INTO graph.entities AS stored
            (scope, key, subject, type, classes, display_name, account_id, properties, version, live, ended_at, ended_reason,
             cause, created_at, updated_at)
     SELECT scope, key, subject, type, classes, display_name, account_id, properties, version, live,
            CASE WHEN NOT live THEN $2::timestamptz END, ended_reason, cause, $2, $2
       FROM json_to_recordset($1::json)
         AS applied (scope text, key text, subject text, type text, classes text[], display_name text, account_id text,
                     properties jsonb, version bigint, live boolean, ended_reason text, cause jsonb)
         ON CONFLICT (scope, key) DO UPDATE
        SET subject = excluded.subject,
            type = excluded.type,
            classes = excluded.classes,
            display_name = excluded.display_name,
            account_id = excluded.account_id,
            properties = excluded.properties,
            version = excluded.version,
            live = excluded.live,
            ended_at = excluded.ended_at,
            ended_reason = excluded.ended_reason,
            cause = excluded.cause,
            updated_at = excluded.updated_at`,
    [JSON.stringify(rows), at],
  );
}

/** Advances the version of entities that a change only confirmed. */
export async function confirmEntities(client: pg.PoolClient, entities: readonly ConfirmedEntity[]): Promise<void> {
  if (entities.length === 0) return;
  await client.query(
    `UPDATE graph.entities AS stored
        SET version = confirmed.version
       FROM json_to_recordset($1::json) AS confirmed (scope text, key text, version bigint)
      WHERE stored.scope = confirmed.scope AND stored.key = confirmed.key`,
    [JSON.stringify(entities.map(({ scope, key, version }) => ({ scope, key, version: version.toString() })))],
  );
}
