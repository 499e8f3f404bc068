import type { JsonObject } from '@bufbuild/protobuf';
import type pg from 'pg';
import type { StoredEntity, StoredRelationship, StoredRows, StoredSubject } from '../rows.js';

export interface TouchedRows {
  subjects: readonly { scope: string; subject: string }[];
  entityKeys: readonly { scope: string; key: string }[];
  relationshipKeys: readonly { scope: string; key: string }[];
}

interface EntityRecord {
  scope: string;
  key: string;
  subject: string;
  type: string;
  classes: string[];
  display_name: string;
  account_id: string | null;
  properties: JsonObject;
  live: boolean;
}

interface RelationshipRecord {
  scope: string;
  key: string;
  owner: string;
  type: string;
  class: string;
  from_key: string;
  to_key: string;
  properties: JsonObject;
  live: boolean;
}

const entityColumns = `row.scope, row.key, row.subject, row.type, row.classes, row.display_name, row.account_id, row.properties, row.live`;
const relationshipColumns = `row.scope, row.key, row.owner, row.type, row.class, row.from_key, row.to_key, row.properties, row.live`;

/**
 * Every row of the touched subjects, and the rows of the touched keys with their owners, locked in key order. Within the writer the
 * lock of the scope is enough; these locks are for whoever changes rows by SQL meanwhile.
 */
export async function lockStoredRows(client: pg.PoolClient, touched: TouchedRows): Promise<StoredRows> {
  const bySubject = JSON.stringify(touched.subjects);
  const entities = new Map<string, StoredEntity>();
  const ofSubjects = await client.query<EntityRecord>(
    `SELECT ${entityColumns}
       FROM json_to_recordset($1::json) AS wanted (scope text, subject text)
       JOIN graph.entities AS row USING (scope, subject)
      ORDER BY row.scope COLLATE "C", row.key COLLATE "C" FOR UPDATE OF row`,
    [bySubject],
  );
  const ofKeys = await client.query<EntityRecord>(
    `SELECT ${entityColumns}
       FROM json_to_recordset($1::json) AS wanted (scope text, key text)
       JOIN graph.entities AS row USING (scope, key)
      ORDER BY row.scope COLLATE "C", row.key COLLATE "C" FOR UPDATE OF row`,
    [JSON.stringify(touched.entityKeys)],
  );
  for (const row of [...ofSubjects.rows, ...ofKeys.rows]) entities.set(`${row.scope}\0${row.key}`, entityOf(row));

  const relationships = new Map<string, StoredRelationship>();
  const ofOwners = await client.query<RelationshipRecord>(
    `SELECT ${relationshipColumns}
       FROM json_to_recordset($1::json) AS wanted (scope text, subject text)
       JOIN graph.relationships AS row ON row.scope = wanted.scope AND row.owner = wanted.subject
      ORDER BY row.scope COLLATE "C", row.key COLLATE "C" FOR UPDATE OF row`,
    [bySubject],
  );
  const ofRelationshipKeys = await client.query<RelationshipRecord>(
    `SELECT ${relationshipColumns}
       FROM json_to_recordset($1::json) AS wanted (scope text, key text)
       JOIN graph.relationships AS row USING (scope, key)
      ORDER BY row.scope COLLATE "C", row.key COLLATE "C" FOR UPDATE OF row`,
    [JSON.stringify(touched.relationshipKeys)],
  );
  for (const row of [...ofOwners.rows, ...ofRelationshipKeys.rows]) {
    relationships.set(`${row.scope}\0${row.key}`, relationshipOf(row));
  }

  const owners = [...entities.values()].map(({ scope, subject }) => ({ scope, subject }));
  const edgeOwners = [...relationships.values()].map(({ scope, owner }) => ({ scope, subject: owner }));
  return {
    subjects: await lockSubjects(client, [...touched.subjects, ...owners, ...edgeOwners]),
    entities: [...entities.values()],
    relationships: [...relationships.values()],
  };
}

async function lockSubjects(
  client: pg.PoolClient,
  subjects: readonly { scope: string; subject: string }[],
): Promise<StoredSubject[]> {
  const { rows } = await client.query<{ scope: string; subject: string; version: string; live: boolean; ever_live: boolean }>(
    `SELECT row.scope, row.subject, row.version, row.live, row.created_at IS NOT NULL AS ever_live
       FROM (SELECT DISTINCT scope, subject FROM json_to_recordset($1::json) AS named (scope text, subject text)) AS wanted
       JOIN graph.subjects AS row USING (scope, subject)
      ORDER BY row.scope COLLATE "C", row.subject COLLATE "C" FOR UPDATE OF row`,
    [JSON.stringify(subjects)],
  );
  return rows.map(({ scope, subject, version, live, ever_live }) => {
    return { scope, subject, version: BigInt(version), live, everLive: ever_live };
  });
}

function entityOf({ display_name, account_id, ...row }: EntityRecord): StoredEntity {
  return { ...row, displayName: display_name, accountId: account_id };
}

function relationshipOf({ from_key, to_key, ...row }: RelationshipRecord): StoredRelationship {
  return { ...row, fromKey: from_key, toKey: to_key };
}
