import { isDeepStrictEqual } from 'node:util';
import { wholeRelationship } from '@orgtrail/graph-model';
import type pg from 'pg';
import type { StoredState } from './change.js';
import type { SmallModel } from './small-model.fixture.js';

/** One line for each row in which the tables of a scope are not the model; none means equal. */
export async function differencesFrom(model: SmallModel, { pool, scope }: { pool: pg.Pool; scope: string }): Promise<string[]> {
  const tables = await readTables(pool, scope);
  const expected = expectedTables(model);
  return (['subjects', 'entities', 'relationships', 'history'] as const).flatMap((table) =>
    differences(table, expected[table], tables[table]),
  );
}

type Rows = Record<string, unknown>[];
const byText = (rows: Rows): Map<string, Rows[number]> => new Map(rows.map((row) => [String(row['id']), row]));

function asWanted(found: Rows[number] | undefined, wanted: Rows[number] | undefined): Rows[number] | undefined {
  const isEither = wanted?.['kind'] === 'CREATED or RETURNED' && /^(CREATED|RETURNED)$/.test(String(found?.['kind']));
  return found && isEither ? { ...found, kind: wanted['kind'] } : found;
}

function differences(table: string, expected: Rows, actual: Rows): string[] {
  const [wanted, found] = [byText(expected), byText(actual)];
  if (found.size !== actual.length) return [`${table}: a row twice: ${JSON.stringify(actual)}`];
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((id) => !isDeepStrictEqual(wanted.get(id), asWanted(found.get(id), wanted.get(id))))
    .map((id) => `${table} ${id}: is ${JSON.stringify(found.get(id))}, expected ${JSON.stringify(wanted.get(id))}`);
}

async function readTables(
  pool: pg.Pool,
  scope: string,
): Promise<Record<'subjects' | 'entities' | 'relationships' | 'history', Rows>> {
  const query = async (sql: string): Promise<Rows> => (await pool.query<Record<string, unknown>>(sql, [scope])).rows;
  return {
    // The subject that speaks for the whole scope has no life of its own.
    subjects: await query(
      `SELECT subject AS id, version::text, live, created_at IS NOT NULL AS "everLived", ended_reason AS "endedReason",
              (ended_at IS NOT NULL) AS "hasEnded"
         FROM graph.subjects WHERE scope = $1 AND subject <> 'integration'`,
    ),
    entities: await query(
      `SELECT key AS id, subject, type, display_name AS "displayName", account_id AS "accountId", properties, version::text, live,
              ended_reason AS "endedReason", ended_at IS NOT NULL AS "hasEnded"
         FROM graph.entities WHERE scope = $1`,
    ),
    relationships: await query(
      `SELECT key AS id, owner, from_key AS "fromKey", to_key AS "toKey" FROM graph.relationships WHERE scope = $1 AND live`,
    ),
    history: (
      await query(
        `SELECT key || ' ' || version AS id, subject, kind, state - 'classes' #- '{properties,emailWithheld}' AS state
           FROM graph.changes WHERE scope = $1`,
      )
    ).map((row) => ({ ...row, state: wholeState(row['state'] as StoredState | null) })),
  };
}

const wholeState = (state: StoredState | null): object | null =>
  state && { ...state, relationships: state.relationships.map(wholeRelationship) };

function expectedTables(model: SmallModel): Record<'subjects' | 'entities' | 'relationships' | 'history', Rows> {
  return {
    subjects: [...model.subjects].map(([id, { version, live, everLived, endedReason }]) => ({
      ...{ id, version: String(version), live, everLived, endedReason, hasEnded: !live },
    })),
    entities: [...model.entities].map(
      ([id, { subject, type, displayName, accountId, properties, version, live, endedReason }]) => ({
        ...{
          id,
          subject,
          type,
          displayName,
          accountId,
          properties,
          version: String(version),
          live,
          endedReason,
          hasEnded: !live,
        },
      }),
    ),
    relationships: model.liveRelationships().map(({ key, ...edge }) => ({ id: key, ...edge })),
    history: model.history.map(({ key, version, subject, kind, state }) => ({ id: `${key} ${version}`, subject, kind, state })),
  };
}
