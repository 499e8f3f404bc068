import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { migrations } from '../migrations/index.js';
import { describeGraph, type Relation } from './describe-graph.js';
import { relations } from './relations.js';

const page = new URL('../../../../docs/graph.md', import.meta.url);
const regenerate = 'UPDATE_DOCS=1 npm run -s jest -- services/graph-writer/src/document --selectProjects integration';
let database: TestDatabase;
let found: Relation[];

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  found = await relationsOf(database);
});
afterAll(() => database.drop());

/** What stands in the schema, the runner's own table and the partitions left out. */
async function relationsOf({ pool }: TestDatabase): Promise<Relation[]> {
  const { rows: stored } = await pool.query<Relation>(
    `SELECT CASE class.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind, class.relname AS name,
            array_agg(attribute.attname || ' ' || format_type(attribute.atttypid, NULL) ORDER BY attribute.attnum) AS columns
       FROM pg_class AS class
       JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
      WHERE class.relnamespace = 'graph'::regnamespace AND class.relkind IN ('r', 'p', 'v', 'm') AND NOT class.relispartition
        AND class.relname <> 'migrations'
      GROUP BY class.relname, class.relkind ORDER BY class.relname COLLATE "C"`,
  );
  const { rows: functions } = await pool.query<Relation>(
    `SELECT 'function' AS kind, proname AS name, string_to_array(pg_get_function_identity_arguments(oid), ', ') AS columns,
            pg_get_function_result(oid) AS returns
       FROM pg_proc WHERE pronamespace = 'graph'::regnamespace ORDER BY proname COLLATE "C"`,
  );
  return [...stored, ...functions];
}

it('docs/graph.md says what the migrations do', () => {
  const wanted = describeGraph(found);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, wanted);
  if (readFileSync(page, 'utf8') !== wanted) throw new Error(`docs/graph.md is out of date. Regenerate it: ${regenerate}`);
});

it('nothing is described that does not exist', () => {
  expect(Object.keys(relations).sort()).toEqual(found.map(({ name }) => name).sort());
});

it('a relation of which nobody has said what it is for is refused', () => {
  expect(() => describeGraph([{ kind: 'view', name: 'new_one', columns: [] }])).toThrow('document/relations.ts');
});
