import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import fc from 'fast-check';
import { applyBatch } from './apply-batch.js';
import { accountChange, pendingGiven, recordOf, refusedByPostgres } from './changes.fixture.js';
import { migrations } from './migrations/index.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let partition = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  await database.pool.query(
    `CREATE SEQUENCE attempts MINVALUE 0;
     CREATE FUNCTION count_attempt() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('attempts'); RETURN NULL; END $$;
     CREATE TRIGGER count_attempt BEFORE INSERT ON graph.entities FOR EACH STATEMENT EXECUTE FUNCTION count_attempt()`,
  );
});
afterAll(() => database.drop());

const numbers = async (sql: string, values: unknown[] = []) =>
  (await database.pool.query<{ n: number }>(sql, values)).rows.map(({ n }) => n);
/** Each question is counted as well. */
const attempts = async () => (await numbers(`SELECT nextval('attempts')::int AS n`))[0] ?? 0;

interface Written {
  written: number[];
  refused: number[];
  attempts: number;
}

/** So many accounts in one batch, those at `refused` with a parent that Postgres refuses. */
async function write(count: number, refused: ReadonlySet<number>): Promise<Written> {
  partition += 1;
  const scope = crypto.randomUUID();
  const idOf = (index: number): string => String(index).padStart(12, '0');
  const records = Array.from({ length: count }, (_, index) => {
    const given = accountChange(idOf(index), { scope, version: 1, ...(refused.has(index) ? refusedByPostgres : {}) });
    return { record: recordOf(null, index), change: pendingGiven(given) };
  });
  const before = await attempts();
  const { deadLetters } = await applyBatch(database.pool, {
    position: { group: 'writer', topic: 'changes', partition },
    records,
    now: new Date(),
  });
  return {
    written: await numbers(`SELECT account_id::int AS n FROM graph.entities WHERE scope = $1 AND live ORDER BY 1`, [scope]),
    refused: deadLetters.map(({ offset }) => Number(offset)).sort((left, right) => left - right),
    attempts: (await attempts()) - before - 1,
  };
}

const others = (count: number, refused: ReadonlySet<number>): number[] =>
  Array.from({ length: count }, (_, index) => index).filter((index) => !refused.has(index));

it('finds exactly what Postgres refuses, wherever it lies, and writes everything else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.uniqueArray(fc.nat(39), { maxLength: 12 }), async (count, places) => {
      const refused = new Set(places.filter((place) => place < count));
      const result = await write(count, refused);
      expect(result.refused).toEqual([...refused].sort((left, right) => left - right));
      expect(result.written).toEqual(others(count, refused));
    }),
    {
      numRuns: 60,
      examples: [
        [1, [0]],
        [2, [0, 1]],
        [40, [0, 39]],
        [8, [0, 1, 2, 3, 4, 5, 6, 7]],
      ],
    },
  );
});

it('needs few attempts: at most 50 for 3 among 5,000', async () => {
  const refused = new Set([0, 2500, 4998]);
  const result = await write(5000, refused);
  expect(result.refused).toEqual([...refused]);
  expect(result.written).toHaveLength(4997);
  expect(result.attempts).toBeLessThanOrEqual(50);
});
