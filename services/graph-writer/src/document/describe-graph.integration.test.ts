import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { inTransaction, migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { applyBatch } from '../apply-batch.js';
import { accountChange, pendingGiven, recordOf, scope, type GivenChange } from '../changes.fixture.js';
import { migrations } from '../migrations/index.js';
import { eraseEmail } from '../sql/change-scope.js';
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

async function apply(offset: number, change: GivenChange): Promise<void> {
  await applyBatch(database.pool, {
    position: { group: 'writer', topic: 'changes', partition: 0 },
    records: [{ record: recordOf(null, offset), change: pendingGiven(change) }],
    now: new Date(),
  });
}

it('purging e-mail leaves who did it, of whom a reader sees no address, as the page says', async () => {
  const person = 'arn:aws:sts::111122223333:assumed-role/admin/ana@example.com';
  await apply(
    1,
    accountChange('000000000001', {
      version: 1,
      cause: { eventId: 'e1', eventName: 'TagResource', principalArn: person },
      properties: { email: 'account@example.com', memberChangedBy: person, memberReason: `Tagged by ${person}` },
    }),
  );
  await inTransaction(database.pool, (client) => eraseEmail(client, { scope, subject: 'integration', version: 9n }));
  const kept = async (role: string): Promise<string> =>
    inTransaction(database.pool, async (client) => {
      await client.query(`SET LOCAL ROLE ${role}`);
      const { rows } = await client.query(
        `SELECT cause ->> 'principalArn' AS who, properties FROM graph.inventory WHERE account_id = '000000000001'
          UNION ALL SELECT cause ->> 'principalArn', state -> 'properties' FROM graph.history WHERE subject = 'account:000000000001'`,
      );
      return JSON.stringify(rows);
    });
  const whole = await kept('orgtrail_reader_pii');
  expect(whole).not.toContain('account@example.com');
  // Of the row and of the history: cause, memberChangedBy, memberReason.
  expect(whole.split('ana@example.com')).toHaveLength(7);
  expect(await kept('orgtrail_reader')).toBe(whole.replaceAll('ana@example.com', 'withheld'));
});

it('a second BASELINE is no change of an account, and its differences stand in a view, as the page says', async () => {
  const given = { baseline: true, name: 'two' };
  await apply(2, accountChange('000000000002', { ...given, version: 1 }));
  await apply(3, accountChange('000000000002', { ...given, version: 2, properties: { 'tag.Team': 'data' } }));
  const { rows } = await database.pool.query(`SELECT kind, property FROM graph.account_history('000000000002')`);
  expect(rows).toEqual(Array(2).fill({ kind: 'BASELINE', property: null }));
  const { rows: brought } = await database.pool.query(
    `SELECT property, new FROM graph.change_differences WHERE subject = 'account:000000000002' AND version = 2`,
  );
  expect(brought).toEqual([{ property: 'tag.Team', new: 'data' }]);
});
