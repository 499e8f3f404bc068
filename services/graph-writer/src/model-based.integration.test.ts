import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { wholeRelationship, type StoredRelationship } from '@orgtrail/graph-model';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import fc from 'fast-check';
import { applyBatch } from './apply-batch.js';
import { applyInHalves } from './apply-in-halves.fixture.js';
import type { ScopeChange } from './change.js';
import {
  accountChange,
  delegationChange,
  encodeChange,
  endedChange,
  nodeChange,
  recordOf,
  type GivenChange,
} from './changes.fixture.js';
import { ensureHistoryPartitions } from './history-months.js';
import { migrations } from './migrations/index.js';
import { readChange } from './read-change.js';
import type { ReadRecord } from './read-record.js';
import { SmallModel } from './small-model.fixture.js';
import { differencesFrom } from './tables-and-model.fixture.js';

/**
 * Random lives of two organizations, delivered as a bus may deliver them, against a small model in memory. `ORGTRAIL_MODEL_RUNS`,
 * `ORGTRAIL_MODEL_SEED` and `ORGTRAIL_MODEL_PATH` repeat a failure, or look for longer.
 */
const runs = Number(process.env['ORGTRAIL_MODEL_RUNS'] ?? 150);
const seed = Number(process.env['ORGTRAIL_MODEL_SEED'] ?? Date.now() % 2_147_483_647);
const path = process.env['ORGTRAIL_MODEL_PATH'];

// As long as it takes, where more runs are asked for.
jest.setTimeout(120_000 + runs * 1_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  await ensureHistoryPartitions(database.pool, new Date());
});
afterAll(() => database.drop());

const accounts = ['000000000001', '000000000002', '000000000003'];
const units = ['r-ab12', 'ou-1', 'ou-2'];
/** Claimed by two subjects: no mapper makes such a thing, and still nothing may be lost by it. */
const sharedAccount = '000000000009';

interface Step {
  organization: number;
  what: 'account' | 'shared' | 'unit' | 'delegation' | 'ended' | 'purged' | 'removed';
  which: number;
  parent: number;
  name: number;
  hasEmail: boolean;
  baseline: boolean;
}
const step: fc.Arbitrary<Step> = fc.record({
  organization: fc.nat(1),
  what: fc.oneof(
    { weight: 40, arbitrary: fc.constant('account' as const) },
    { weight: 8, arbitrary: fc.constant('shared' as const) },
    { weight: 12, arbitrary: fc.constant('unit' as const) },
    { weight: 12, arbitrary: fc.constant('delegation' as const) },
    { weight: 20, arbitrary: fc.constant('ended' as const) },
    { weight: 5, arbitrary: fc.constant('purged' as const) },
    { weight: 1, arbitrary: fc.constant('removed' as const) },
  ),
  which: fc.nat(2),
  parent: fc.nat(2),
  name: fc.nat(1),
  hasEmail: fc.boolean(),
  baseline: fc.nat(9).map((one) => one === 0),
});

function changeOf(given: Step, scope: string, version: bigint): GivenChange | ScopeChange {
  const { what, which, parent, name, hasEmail, baseline } = given;
  const account = accounts[which]!;
  const properties = { 'tag.name': `n${name}`, ...(hasEmail ? { email: 'owner@example.com' } : {}) };
  switch (what) {
    case 'account':
      return accountChange(account, { scope, version, baseline, parent: units[parent]!, name: `n${name}`, properties });
    case 'shared':
      // The account itself under the key of another one: an own row of it ends.
      return {
        ...accountChange(sharedAccount, { scope, version, parent: units[parent]!, properties }),
        subject: `account:${account}`,
      };
    case 'unit':
      return nodeChange(units[which]!, {
        scope,
        version,
        baseline,
        name: `n${name}`,
        ...(which > 0 ? { parent: units[which - 1]! } : {}),
      });
    case 'delegation':
      return delegationChange(account, { scope, version, services: ['a', 'b', 'c'].slice(0, parent) });
    case 'ended':
      return endedChange([`account:${account}`, `ou:${units[1 + (which % 2)]!}`, `delegation:${account}`][parent]!, {
        ...{ scope, version, reason: (['NOT_FOUND', 'LEFT'] as const)[name]! },
      });
    case 'purged':
    case 'removed':
      return {
        ...{ scope, version, subject: 'integration', observedAt: new Date(), cause: null, baseline: false },
        removed: what === 'removed',
        purgeEmail: what === 'purged',
      };
  }
}

/** How what happened comes: out of order, twice, in pieces, and again from earlier offsets. */
const delivery = fc.record({
  // Long lives: by default they would be some six steps, and little ends that has lived.
  steps: fc.array(fc.tuple(step, fc.nat(6)), { minLength: 1, maxLength: 40, size: 'max' }),
  again: fc.array(fc.tuple(fc.nat(), fc.nat(12)), { maxLength: 8 }),
  sizes: fc.array(
    fc.tuple(
      fc.integer({ min: 1, max: 8 }),
      fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(10) }),
      fc.boolean(),
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  ),
});

interface Happened {
  change: GivenChange | ScopeChange;
  at: number;
}

function streamOf({ steps, again }: { steps: [Step, number][]; again: [number, number][] }, scopes: readonly string[]) {
  const happened = steps.map(([given, late], index): Happened => {
    return { change: changeOf(given, scopes[given.organization]!, BigInt(index + 1) * 10n), at: index + late };
  });
  const repeated = again.map(([index, later]): Happened => {
    const { change, at } = happened[index % happened.length]!;
    return { change, at: at + later };
  });
  return [...happened, ...repeated].sort((left, right) => left.at - right.at).map(({ change }) => change);
}

function recordFor(change: GivenChange | ScopeChange, offset: number): ReadRecord {
  const record = recordOf(null, offset, 1_790_000_000_000 + offset);
  if ('removed' in change) return { record, scopeChange: change };
  // By the bytes, as they come: what is unchanged is told from them.
  const read = readChange(Buffer.from(encodeChange(change)));
  if (!('read' in read)) throw new Error('It is a change of a subject.');
  return { record, change: read };
}

it('whatever happens, and however it is delivered: the tables are the model, now and as of every earlier time', async () => {
  await fc.assert(
    fc.asyncProperty(delivery, async ({ steps, again, sizes }) => {
      const scopes = [crypto.randomUUID(), crypto.randomUUID()];
      const models = scopes.map(() => new SmallModel());
      const stream = streamOf({ steps, again }, scopes);
      const position = { group: 'writer', topic: `changes-${scopes[0]!}`, partition: 0 };
      const letters: number[] = [];
      const times: string[] = [];
      for (let next = 0, batch = 0; next < stream.length; batch += 1) {
        const [size, rewind, mayBeInHalves] = sizes[batch % sizes.length]!;
        const first = Math.max(0, next - rewind);
        const fresh = stream.slice(next, next + size);
        const records = stream.slice(first, next + size).map((change, index) => recordFor(change, first + index));
        const options = { position, records, now: new Date() };
        if (!mayBeInHalves || (await applyInHalves(database.pool, options)) === undefined)
          await applyBatch(database.pool, options);
        for (const [index, scope] of scopes.entries()) {
          const mine = fresh.flatMap((change, at) => (change.scope === scope ? [{ change, offset: next + at }] : []));
          const outcomes = models[index]!.apply(
            mine.map(({ change }) => change),
            batch,
          );
          letters.push(...mine.filter((_, at) => outcomes[at] === 'foreign').map(({ offset }) => offset));
        }
        times.push(await databaseTime());
        next += size;
        for (const [index, scope] of scopes.entries()) {
          expect(await differencesFrom(models[index]!, { pool: database.pool, scope })).toEqual([]);
        }
      }
      expect(await deadLetters(position.topic)).toEqual([...letters].sort((left, right) => left - right));
      for (const [index, scope] of scopes.entries()) {
        for (const [batch, at] of [[-1, '-infinity'] as const, ...times.entries()]) {
          expect([at, await asOf(scope, at, models[index]!)]).toEqual([at, expectedAfter(models[index]!, batch)]);
        }
      }
    }),
    { numRuns: runs, seed, ...(path === undefined ? {} : { path }) },
  );
  process.stderr.write(`model-based: ${runs} runs, ORGTRAIL_MODEL_SEED=${seed}\n`);
});

/** Later than everything that was written, earlier than everything that will be. */
async function databaseTime(): Promise<string> {
  const { rows } = await database.pool.query<{ at: string }>('SELECT clock_timestamp()::text AS at');
  return rows[0]!.at;
}

async function deadLetters(topic: string): Promise<number[]> {
  const { rows } = await database.pool.query<{ offset: number; code: string }>(
    `SELECT "offset"::int, code FROM graph.dead_letters WHERE topic = $1 ORDER BY "offset"`,
    [topic],
  );
  expect(rows.filter(({ code }) => code !== 'OWNED_BY_ANOTHER_SUBJECT')).toEqual([]);
  return rows.map(({ offset }) => offset);
}

/** Before the first row of a scope nobody watched, and the model has nothing. */
async function asOf(scope: string, at: string, model: SmallModel): Promise<unknown> {
  const { rows: known } = await database.pool.query(`SELECT FROM graph.scopes WHERE scope = $1 AND history_from <= $2`, [
    scope,
    at,
  ]);
  if (known.length === 0) return [];
  const { rows } = await database.pool.query<{ key: string; relationships: StoredRelationship[] }>(
    `SELECT key, type, display_name AS "displayName", account_id AS "accountId", properties - 'emailWithheld' AS properties, relationships
       FROM graph.as_of($1, $2) ORDER BY key COLLATE "C"`,
    [scope, at],
  );
  return rows
    .filter(({ key }) => !model.handedOverBackwards().has(key))
    .map(({ relationships, ...row }) => ({ ...row, relationships: relationships.map(wholeRelationship) }));
}

/** What owns no entity has relationships alone, under its subject. */
function expectedAfter(model: SmallModel, batch: number): unknown {
  const noEntity = { displayName: null, accountId: null, properties: null };
  return [...model.statesAfter(batch)]
    .filter(([key]) => !model.handedOverBackwards().has(key))
    .map(([key, state]) => ({ key, type: key.split(':', 1)[0], ...noEntity, ...state }))
    .sort((left, right) => (left.key < right.key ? -1 : 1));
}
