import type pg from 'pg';
import type { Owner, RelationshipRow } from '../rows.js';

/** Makes `relationships` exactly what the owners own (invariant 9): the others of theirs are deleted. */
export async function replaceRelationships(
  client: pg.PoolClient,
  owners: readonly Owner[],
  relationships: readonly RelationshipRow[],
  at: string,
): Promise<void> {
  if (owners.length === 0) return;
  const rows = JSON.stringify(
    relationships.map((row) => ({
      scope: row.scope,
      key: row.key,
      owner: row.owner,
      type: row.type,
      class: row.class,
      from_key: row.fromKey,
      to_key: row.toKey,
      properties: row.properties,
      version: row.version.toString(),
      live: row.live,
    })),
  );
  await client.query(
    `DELETE FROM graph.relationships AS stored
      USING json_to_recordset($1::json) AS owners (scope text, owner text)
      WHERE stored.scope = owners.scope AND stored.owner = owners.owner
        AND NOT EXISTS (SELECT FROM json_to_recordset($2::json) AS kept (scope text, key text)
                         WHERE kept.scope = stored.scope AND kept.key = stored.key)`,
    [JSON.stringify(owners), rows],
  );
  if (relationships.length === 0) return;
  await client.query(
    `INSERT INTO graph.relationships AS stored
            (scope, key, owner, type, class, from_key, to_key, properties, version, live, ended_at)
     SELECT scope, key, owner, type, class, from_key, to_key, properties, version, live, CASE WHEN NOT live THEN $2::timestamptz END
       FROM json_to_recordset($1::json)
         AS owned (scope text, key text, owner text, type text, class text, from_key text, to_key text, properties jsonb,
                   version bigint, live boolean)
         ON CONFLICT (scope, key) DO UPDATE
        SET owner = excluded.owner,
            type = excluded.type,
            class = excluded.class,
            from_key = excluded.from_key,
            to_key = excluded.to_key,
            properties = excluded.properties,
            version = excluded.version,
            live = excluded.live,
            ended_at = excluded.ended_at`,
    [rows, at],
  );
}
