import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { applyBatch } from './apply-batch.js';
import { accountChange, pendingGiven, recordOf } from './changes.fixture.js';
import { ensureHistoryPartitions } from './history-months.js';
import { migrations } from './migrations/index.js';

jest.setTimeout(60_000);

describe('the partitions of the history', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
    await migrate(database.pool, { schema: 'graph', migrations });
  });
  afterEach(() => database.drop());

  const microseconds = (time: string) => BigInt(Date.parse(time)) * 1000n;
  const placed = async () =>
    (
      await database.pool.query<{ place: string }>('SELECT tableoid::regclass::text AS place FROM graph.changes ORDER BY version')
    ).rows.map(({ place }) => place);

  it('are created once, however many writers start at once', async () => {
    const now = new Date('2026-11-24T00:00:00Z');
    const created = await Promise.all(Array.from({ length: 8 }, () => ensureHistoryPartitions(database.pool, now)));
    expect(created.flat().sort()).toEqual(['changes_2026_11', 'changes_2026_12', 'changes_2027_01']);
    expect(await ensureHistoryPartitions(database.pool, now)).toEqual([]);
  });

  it('take over what the default partition took while they were missing', async () => {
    const versions = ['2026-11-24T00:00:00Z', '2026-12-01T00:00:00Z', '2040-01-01T00:00:00Z'].map(microseconds);
    await applyBatch(database.pool, {
      position: { group: 'writer', topic: 'changes', partition: 0 },
      records: versions.map((version, offset) => ({
        record: recordOf(null, offset),
        change: pendingGiven(accountChange('444455556666', { version, name: `at ${offset}` })),
      })),
      now: new Date(),
    });
    expect(new Set(await placed())).toEqual(new Set(['graph.changes_default']));
    await ensureHistoryPartitions(database.pool, new Date('2026-11-24T00:00:00Z'));
    expect(await placed()).toEqual(['graph.changes_2026_11', 'graph.changes_2026_12', 'graph.changes_default']);
    // The unique constraint came with them: a replay adds nothing.
    const again = database.pool.query(
      `INSERT INTO graph.changes SELECT * FROM graph.changes ON CONFLICT (scope, key, version) DO NOTHING`,
    );
    expect((await again).rowCount).toBe(0);
  });
});
