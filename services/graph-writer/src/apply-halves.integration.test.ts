import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { applyBatch } from './apply-batch.js';
import { applyInHalves } from './apply-in-halves.fixture.js';
import { accountChange, pendingGiven, recordOf, refusedByPostgres, type GivenChange } from './changes.fixture.js';
import { ensureHistoryPartitions } from './history-months.js';
import { migrations } from './migrations/index.js';
import type { ReadRecord } from './read-record.js';

jest.setTimeout(60_000);

let database: TestDatabase;
/** The first has the most records: it is in the main half. */
let scopes: [string, string];
let position: { group: string; topic: string; partition: number };
const now = new Date('2026-11-27T12:00:00Z');

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  await ensureHistoryPartitions(database.pool, now);
});
afterAll(() => database.drop());
beforeEach(() => {
  scopes = [crypto.randomUUID(), crypto.randomUUID()];
  position = { group: 'writer', topic: crypto.randomUUID(), partition: 0 };
});

const account = (scope: string, id: number, version = 1): GivenChange =>
  accountChange(String(id).padStart(12, '0'), { scope, version });
const recordsOf = (changes: readonly GivenChange[]): ReadRecord[] =>
  changes.map((change, index) => ({ record: recordOf(null, index), change: pendingGiven(change) }));
/** Three of the main half and two of the one aside, mixed. */
const five = (): GivenChange[] => [
  account(scopes[0], 1),
  account(scopes[1], 2),
  account(scopes[0], 3),
  account(scopes[1], 4),
  account(scopes[0], 5),
];

async function figures(): Promise<Record<string, unknown>> {
  const { rows } = await database.pool.query<Record<string, unknown>>(
    `SELECT (SELECT count(*)::int FROM graph.entities WHERE scope = $1) AS main, (SELECT count(*)::int FROM graph.entities WHERE scope = $2) AS aside,
            (SELECT count(*)::int FROM graph.changes WHERE scope IN ($1, $2)) AS history,
            (SELECT next_offset::int FROM graph.consumer_offsets WHERE topic = $3) AS next`,
    [...scopes, position.topic],
  );
  return rows[0] ?? {};
}

describe('a partition in two halves', () => {
  it('is applied whole, with one offset behind it', async () => {
    const committed = await applyInHalves(database.pool, { position, records: recordsOf(five()), now });
    expect(committed?.map(({ made }) => made.map(({ change: { scope } }) => scope))).toEqual([
      [scopes[1], scopes[1]],
      [scopes[0], scopes[0], scopes[0]],
    ]);
    expect(await figures()).toEqual({ main: 3, aside: 2, history: 5, next: 5 });
    const again = await applyInHalves(database.pool, { position, records: recordsOf(five()), now });
    expect(again).toMatchObject([
      { replayed: 2, made: [] },
      { replayed: 3, made: [] },
    ]);
    expect(await figures()).toEqual({ main: 3, aside: 2, history: 5, next: 5 });
  });

  it('is not there at all where it is judged to be sick, each record in its place', async () => {
    const records = recordsOf(five());
    records[3] = { record: recordOf(null, 3), failure: { code: 'UNPARSABLE', message: '' } };
    const judged = jest.fn<(outcomes: readonly unknown[]) => void>(() => {
      throw new Error('sick');
    });
    await expect(applyInHalves(database.pool, { position, records, now, judge: judged })).rejects.toThrow('sick');
    expect(judged.mock.calls).toEqual([[[null, null, null, 'UNPARSABLE', null]]]);
    expect(await figures()).toEqual({ main: 0, aside: 0, history: 0, next: null });
  });

  it('has one dead letter for a record that Postgres refuses, whichever half it is in', async () => {
    const changes = five();
    for (const index of [1, 2]) {
      const { scope, version } = changes[index]!;
      changes[index] = accountChange('000000000009', { scope, version, ...refusedByPostgres });
    }
    const committed = await applyInHalves(database.pool, { position, records: recordsOf(changes), now });
    expect(committed?.map(({ deadLetters }) => deadLetters.map(({ offset }) => offset))).toEqual([[1n], [2n]]);
    expect(await figures()).toEqual({ main: 2, aside: 1, history: 3, next: 5 });
  });

  it('loses nothing and doubles nothing where it ends between the two commits', async () => {
    const records = recordsOf(five());
    const onCommitted = (): void => {
      throw new Error('killed');
    };
    await expect(applyInHalves(database.pool, { position, records, now, onCommitted })).rejects.toThrow('killed');
    expect(await figures()).toEqual({ main: 0, aside: 2, history: 2, next: null });
    expect(await applyBatch(database.pool, { position, records, now })).toMatchObject({ stale: 2, replayed: 0 });
    expect(await figures()).toEqual({ main: 3, aside: 2, history: 5, next: 5 });
  });

  it.each([
    ['main', 0],
    ['aside', 1],
  ] as const)('gives up where a scope of the half %s stays locked, and keeps no connection', async (_, which) => {
    await applyInHalves(database.pool, { position, records: recordsOf(five()), now });
    const holder = await database.pool.connect();
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM graph.scopes WHERE scope = $1 FOR UPDATE', [scopes[which]]);
      const records = recordsOf([...five(), account(scopes[0], 6), account(scopes[1], 7)]);
      await expect(applyInHalves(database.pool, { position, records, now })).rejects.toMatchObject({ code: '55P03' });
      expect(await figures()).toMatchObject({ history: 5, next: 5 });
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
    expect(database.pool.idleCount).toBe(database.pool.totalCount);
  });
});
