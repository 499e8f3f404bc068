import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { applyBatch } from './apply-batch.js';
import { accountChange, encodeChange, recordOf } from './changes.fixture.js';
import { migrations } from './migrations/index.js';
import { readChange } from './read-change.js';

jest.setTimeout(60_000);

const scope = crypto.randomUUID();
const accounts = 500;
const readings = 10;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
});
afterAll(() => database.drop());

interface Written {
  inserted: number;
  updated: number;
  inPlace: number;
  deleted: number;
}

/** What PostgreSQL has counted of a table, partitions included. */
async function writtenTo(table: string): Promise<Written> {
  const client = await database.pool.connect();
  try {
    const { rows } = await client.query<Written>(
      `SELECT sum(n_tup_ins)::int AS inserted, sum(n_tup_upd)::int AS updated, sum(n_tup_hot_upd)::int AS "inPlace", sum(n_tup_del)::int AS deleted
         FROM pg_stat_user_tables WHERE schemaname = 'graph' AND relname LIKE $1`,
      [table],
    );
    return rows[0]!;
  } finally {
    client.release();
  }
}

async function readAll(version: number): Promise<void> {
  const records = Array.from({ length: accounts }, (_, index) => {
    const change = readChange(Buffer.from(encodeChange(accountChange(String(index).padStart(12, '0'), { scope, version }))));
    if (!('read' in change)) throw new Error('It is a change of an account.');
    return { record: recordOf(null, version * accounts + index), change };
  });
  await applyBatch(database.pool, { position: { group: 'writer', topic: 'changes', partition: 0 }, records, now: new Date() });
}

/** Backends tell their figures when they idle or end. */
async function told(): Promise<Record<'entities' | 'subjects' | 'changes', Written>> {
  await database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  await database.pool.query('SELECT pg_stat_force_next_flush()');
  return { entities: await writtenTo('entities'), subjects: await writtenTo('subjects'), changes: await writtenTo('changes%') };
}

it('what is read again unchanged writes no entity and no history, and its version moves within the page', async () => {
  await readAll(1);
  let before = await told();
  let version = 1;
  let inPlace = 0;
  // While anybody looks at the database, the server's own workers included, nothing is pruned, and versions move: one of some rounds is left alone.
  for (let round = 1; round <= 6 && inPlace <= 0.85; round += 1) {
    for (let reading = 1; reading <= readings; reading += 1) await readAll((version += 1));
    const after = await told();
    expect(after.entities).toEqual(before.entities);
    expect(after.changes).toEqual(before.changes);
    expect(after.subjects.updated - before.subjects.updated).toBe(accounts * readings);
    inPlace = (after.subjects.inPlace - before.subjects.inPlace) / (accounts * readings);
    before = after;
  }
  expect(inPlace).toBeGreaterThan(0.85);
});
