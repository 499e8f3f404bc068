import type { JsonObject } from '@bufbuild/protobuf';
import { inTransaction, type Queryable } from '@orgtrail/database';
import type pg from 'pg';

export interface GraphSnapshot {
  entities: GraphEntity[];
  relationships: GraphRelationship[];
}

export interface GraphEntity {
  key: string;
  type: string;
  subject: string;
  displayName: string;
  accountId: string | null;
  properties: JsonObject;
}

export interface GraphRelationship {
  key: string;
  type: string;
  class: string;
  /** The subject that owns it. */
  owner: string;
  fromKey: string;
  toKey: string;
  properties: JsonObject;
}

/** Everything that lives in a scope, both sorted by key, as of one moment. */
export async function readGraph(pool: pg.Pool, scope: string): Promise<GraphSnapshot> {
  return inTransaction(pool, async (client) => {
    // One snapshot for both statements: an account is never seen between two parents.
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const entities = await client.query<GraphEntity>(
      `SELECT key, type, subject, display_name AS "displayName", account_id AS "accountId", properties
         FROM graph.entities WHERE scope = $1 AND live ORDER BY key COLLATE "C"`,
      [scope],
    );
    const relationships = await client.query<GraphRelationship>(
      `SELECT key, type, class, owner, from_key AS "fromKey", to_key AS "toKey", properties
         FROM graph.relationships WHERE scope = $1 AND live ORDER BY key COLLATE "C"`,
      [scope],
    );
    return { entities: entities.rows, relationships: relationships.rows };
  });
}

/** The greatest subject version that the graph holds for a scope, tombstones included; 0 for an unknown scope. */
export async function highestVersion(database: Queryable, scope: string): Promise<bigint> {
  const { rows } = await database.query<{ highest: string | null }>(
    `SELECT max(version) AS highest FROM graph.subjects WHERE scope = $1`,
    [scope],
  );
  return BigInt(rows[0]?.highest ?? 0);
}
