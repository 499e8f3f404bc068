import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { entities, relationships } from '@orgtrail/graph-model';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { migrations } from './migrations/index.js';

const page = new URL('../../../docs/graph.md', import.meta.url);
const regenerate = 'UPDATE_DOCS=1 npm run -s jest -- services/graph-writer/src/graph-document --selectProjects integration';
const [begin, end] = ['<!-- generated: columns -->', '<!-- end of generated -->'];
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
});
afterAll(() => database.drop());

/** The columns of tables and views as PostgreSQL knows them. */
async function describeColumns(): Promise<string> {
  const { rows } = await database.pool.query<{ name: string; kind: string; columns: string }>(
    `SELECT class.relname AS name, CASE class.relkind WHEN 'v' THEN 'view' ELSE 'table' END AS kind,
            string_agg('\`' || attribute.attname || '\` ' || format_type(attribute.atttypid, NULL), ', ' ORDER BY attribute.attnum) AS columns
       FROM pg_class AS class
       JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
      WHERE class.relnamespace = 'graph'::regnamespace AND class.relkind IN ('r', 'p', 'v') AND NOT class.relispartition
        AND class.relname <> 'migrations'
      GROUP BY class.relname, class.relkind ORDER BY kind DESC, name`,
  );
  const lines = rows.map(({ name, kind, columns }) => `| ${kind} \`graph.${name}\` | ${columns} |`);
  return [begin, '', '| | columns |', '|---|---|', ...lines, '', end].join('\n');
}

it('docs/graph.md lists the columns that there are', async () => {
  const text = readFileSync(page, 'utf8');
  const wanted = text.slice(0, text.indexOf(begin)) + (await describeColumns()) + text.slice(text.indexOf(end) + end.length);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, wanted);
  if (readFileSync(page, 'utf8') !== wanted) throw new Error(`docs/graph.md is out of date. Regenerate it: ${regenerate}`);
});

it('docs/graph.md names every type of the vocabulary, and no other', () => {
  const text = readFileSync(page, 'utf8');
  const typeOf = (kind: keyof typeof entities) => entities[kind].type.replace(/^aws_/, '');
  const known = [
    ...Object.values(entities).map(({ type }) => type),
    ...Object.values(relationships).map(
      (relationship) => `${entities[relationship.from].type}_${relationship.class.toLowerCase()}_${typeOf(relationship.to)}`,
    ),
  ];
  const named = [...text.matchAll(/^\| `(aws_[a-z_]+)` \|/gm)].map(([, type]) => type);
  for (const type of Object.values(entities).map(({ type: entityType }) => entityType)) expect(named).toContain(type);
  expect(named.length).toBe(known.length);
});
