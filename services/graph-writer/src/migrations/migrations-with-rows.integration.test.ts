import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate, MigrationError } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { migrations } from './index.js';
import { rowsByMigration, takenAway } from './rows.fixture.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

/** The tables as the version before a migration left them, with rows. */
async function migrateBefore(id: number): Promise<void> {
  for (const migration of migrations.filter((one) => one.id < id)) {
    await migrate(database.pool, { schema: 'graph', migrations: migrations.filter((one) => one.id <= migration.id) });
    await database.pool.query(rowsByMigration[migration.id] ?? '');
  }
}
const migrateTo = (id: number) =>
  migrate(database.pool, { schema: 'graph', migrations: migrations.filter((one) => one.id <= id) });

const rows = async <Row extends object>(sql: string): Promise<Row[]> => (await database.pool.query<Row>(sql)).rows;

/** Columns by table and view, without partitions. */
async function relations(kinds: string): Promise<Map<string, string[]>> {
  const found = await rows<{ name: string; columns: string[] }>(
    `SELECT relation.relname AS name, array_agg(attribute.attname::text ORDER BY attribute.attnum) AS columns
       FROM pg_class AS relation
       JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
      WHERE relation.relnamespace = 'graph'::regnamespace AND relation.relkind = ANY ('{${kinds}}') AND NOT relation.relispartition
        AND relation.relname <> 'migrations'
      GROUP BY relation.relname`,
  );
  return new Map(found.map(({ name, columns }) => [name, columns]));
}

/** What people read of these columns, and as of the times in the fixture, as text that can be compared. */
async function readAll(columns: ReadonlyMap<string, readonly string[]>): Promise<Record<string, string[]>> {
  const read: Record<string, string[]> = {};
  for (const [name, of] of columns) {
    const list = of.map((column) => `'${column}', relation."${column}"`).join(', ');
    const found = await rows<{ row: string }>(
      `SELECT jsonb_build_object(${list})::text AS row FROM graph."${name}" AS relation ORDER BY 1`,
    );
    read[name] = found.map(({ row }) => row);
  }
  return read;
}
async function readAsOf(): Promise<string[]> {
  const there = await rows(`SELECT FROM pg_proc WHERE pronamespace = 'graph'::regnamespace AND proname = 'entities_as_of'`);
  if (there.length === 0) return [];
  const found = await rows<{ row: string }>(
    `SELECT to_jsonb(entity)::text AS row
       FROM unnest('{2026-11-20T10:00:00Z,2026-11-20T10:30:00Z,infinity}'::timestamptz[]) AS moment (at)
      CROSS JOIN LATERAL graph.entities_as_of('a3bb189e-8bf9-4888-9912-ace4e6543002', moment.at) AS entity ORDER BY 1`,
  );
  return found.map(({ row }) => row);
}

async function emptyTables(): Promise<string[]> {
  const empty: string[] = [];
  for (const name of (await relations('r,p')).keys()) {
    const [found] = await rows<{ any: boolean }>(`SELECT EXISTS (SELECT FROM graph."${name}") AS any`);
    if (!found?.any) empty.push(name);
  }
  return empty;
}

describe.each(migrations.filter(({ id }) => id > 1).map(({ id, name }) => ({ id, name })))('migration $id, "$name"', ({ id }) => {
  it('finds rows in every table that the version before has', async () => {
    await migrateBefore(id);
    expect(await emptyTables()).toEqual([]);
  });

  it('leaves them meaning the same', async () => {
    await migrateBefore(id);
    const before = await relations('r,p,v,m');
    const gone = new Set(takenAway[id]);
    const kept = new Map(
      [...before].map(([name, columns]) => [name, columns.filter((column) => !gone.has(`${name}.${column}`))] as const),
    );
    const [read, asOf] = [await readAll(kept), await readAsOf()];
    expect(await migrateTo(id)).toEqual({ applied: [id] });
    expect(await readAll(kept)).toEqual(read);
    if (asOf.length > 0) expect(await readAsOf()).toEqual(asOf);
  });
});

it('the last migration has rows for the tables that it makes: the next one will meet them', async () => {
  await migrateBefore(Infinity);
  expect(await emptyTables()).toEqual([]);
});

it('a version from before a breaking migration does not start after it', async () => {
  await migrate(database.pool, { schema: 'graph', migrations });
  const breaking = migrations.filter((migration) => 'breaking' in migration && migration.breaking);
  expect(breaking.length).toBeGreaterThan(0);
  for (const { id, name } of breaking) {
    const starting = migrateTo(id - 1);
    await expect(starting).rejects.toThrow(MigrationError);
    await expect(starting).rejects.toThrow(id === breaking.at(0)?.id ? `"${name}" is breaking` : 'is breaking');
  }
});
