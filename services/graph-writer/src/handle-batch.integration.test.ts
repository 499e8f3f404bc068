import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createStandingPartitions, type Batch } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { setTimeout as delay } from 'node:timers/promises';
import { accountChange, encodeChange, recordOf } from './changes.fixture.js';
import { createGraphWriterMetrics } from './graph-writer-metrics.js';
import { createBatchHandler } from './handle-batch.js';
import { migrations } from './migrations/index.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let scope: string;
let handle: (batch: Batch) => Promise<void>;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
});
afterAll(() => database.drop());
beforeEach(() => {
  scope = crypto.randomUUID();
  const logger = createLogger({ service: 'test', level: 'silent' });
  handle = createBatchHandler({
    pool: database.pool,
    group: scope,
    logger,
    standing: createStandingPartitions(logger),
    metrics: createGraphWriterMetrics(createMetrics().meter),
  });
});

/** So many accounts, the first of them at this offset. */
function batchOf(first: number, count: number, before: Promise<void>, partition = 0): Batch {
  const records = Array.from({ length: count }, (_, index) => {
    const id = String(first + index).padStart(12, '0');
    return recordOf(encodeChange(accountChange(id, { scope, version: 1 + first + index })), first + index);
  });
  return {
    topic: topics.graphChanges,
    partition,
    records,
    before,
    heartbeat: () => Promise.resolve(),
    signal: new AbortController().signal,
  };
}

async function accounts(): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM graph.entities WHERE scope = $1`,
    [scope],
  );
  return rows[0]?.count ?? 0;
}

describe('the handler of batches', () => {
  it('applies nothing of a batch until the one before was handled', async () => {
    const before = Promise.withResolvers<undefined>();
    const second = handle(batchOf(3, 2, before.promise));
    await delay(200);
    expect(await accounts()).toBe(0);
    await handle(batchOf(0, 3, Promise.resolve()));
    expect(await accounts()).toBe(3);
    before.resolve(undefined);
    await second;
    expect(await accounts()).toBe(5);
  });

  it('applies nothing of a batch when the one before failed, and keeps no connection for it', async () => {
    const before = Promise.withResolvers<undefined>();
    const failing = Array.from({ length: 12 }, (_, partition) => handle(batchOf(0, 2, before.promise, partition)));
    await delay(200);
    before.reject(new Error('not handled'));
    const outcomes = await Promise.allSettled(failing);
    expect(outcomes.map(({ status }) => status)).toEqual(failing.map(() => 'rejected'));
    expect(await accounts()).toBe(0);
    expect(database.pool.idleCount).toBe(database.pool.totalCount);
  });

  it('leaves connections to those that are waited for, however many wait', async () => {
    // More than the pool has connections.
    const first = Promise.withResolvers<undefined>();
    const waiting = Array.from({ length: 12 }, (_, partition) => handle(batchOf(1, 1, first.promise, partition)));
    await delay(200);
    await handle(batchOf(0, 1, Promise.resolve()));
    first.resolve(undefined);
    await Promise.all(waiting);
    expect(await accounts()).toBe(2);
  });

  it.each([
    ['two transactions where nothing else is in hand', false, 2],
    ['one where another partition has work', true, 1],
  ] as const)('applies a large batch of several organizations in %s', async (_, isOtherInHand, transactions) => {
    const scopes = [scope, crypto.randomUUID()];
    const records = Array.from({ length: 1200 }, (_unused, index) => {
      const change = accountChange(String(index).padStart(12, '0'), { scope: scopes[index % 2]!, version: 1 });
      return recordOf(encodeChange(change), index);
    });
    const before = Promise.withResolvers<undefined>();
    const other = isOtherInHand ? handle(batchOf(0, 1, before.promise, 1)) : undefined;
    await handle({ ...batchOf(0, 0, Promise.resolve()), records });
    const { rows } = await database.pool.query(
      'SELECT count(*)::int AS entities, count(DISTINCT xmin::text)::int AS transactions FROM graph.entities WHERE scope = ANY ($1)',
      [scopes],
    );
    expect(rows).toEqual([{ entities: 1200, transactions }]);
    before.resolve(undefined);
    await other;
  });

  it('applies a large batch of several organizations also while one of them is locked for long', async () => {
    const scopes = [scope, crypto.randomUUID()];
    const records = Array.from({ length: 1200 }, (_, index) => {
      const change = accountChange(String(index).padStart(12, '0'), { scope: scopes[index % 2]!, version: 1 });
      return recordOf(encodeChange(change), index);
    });
    const holder = await database.pool.connect();
    await holder.query('BEGIN');
    await holder.query('INSERT INTO graph.scopes (scope) VALUES ($1)', [scopes[1]]);
    const handled = handle({ ...batchOf(0, 0, Promise.resolve()), records });
    await delay(2500);
    expect(await accounts()).toBe(0);
    await holder.query('COMMIT');
    holder.release();
    await handled;
    const { rows } = await database.pool.query(
      `SELECT count(*)::int AS entities, (SELECT next_offset::int FROM graph.consumer_offsets WHERE group_name = $1) AS next,
              (SELECT count(*)::int FROM graph.changes WHERE scope = ANY ($2)) AS history
         FROM graph.entities WHERE scope = ANY ($2)`,
      [scope, scopes],
    );
    expect(rows).toEqual([{ entities: 1200, next: 1200, history: 1200 }]);
  });

  it('keeps the partition while the database takes long, and minds no heartbeat that fails meanwhile', async () => {
    const holder = await database.pool.connect();
    await holder.query('BEGIN');
    await holder.query('INSERT INTO graph.scopes (scope) VALUES ($1)', [scope]);
    let beats = 0;
    const heartbeat = () => {
      beats += 1;
      return beats > 2 ? Promise.reject(new Error('The partition is being given to another consumer')) : Promise.resolve();
    };
    const handled = handle({ ...batchOf(0, 3, Promise.resolve()), heartbeat });
    const atFirst = await delay(500).then(() => beats);
    await delay(6_500);
    await holder.query('COMMIT');
    holder.release();
    await handled;
    expect(beats - atFirst).toBe(2);
    expect(await accounts()).toBe(3);
    await delay(3_500);
    expect(beats - atFirst).toBe(2);
  });

  it('does not write over and over what stands behind too many dead letters', async () => {
    // A sequence keeps its count when all else is rolled back.
    await database.pool.query(
      `CREATE SEQUENCE written;
       CREATE FUNCTION count_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('written'); RETURN NEW; END $$;
       CREATE TRIGGER count_written BEFORE INSERT ON graph.entities FOR EACH ROW EXECUTE FUNCTION count_written()`,
    );
    const written = async () =>
      (await database.pool.query<{ count: number }>('SELECT last_value::int AS count FROM written')).rows[0]?.count;
    try {
      const bad = Array.from({ length: 21 }, (_, index) => recordOf(Buffer.from('bad'), index));
      const batch = batchOf(21, 30, Promise.resolve());
      const flooded = { ...batch, records: [...bad, ...batch.records] };
      await expect(handle(flooded)).rejects.toThrow('Too many records');
      const atFirst = await written();
      for (let time = 0; time < 3; time += 1) await expect(handle(flooded)).rejects.toThrow('21 in a row');
      expect(await written()).toBe(atFirst);
      await database.pool.query('UPDATE graph.dead_letters SET resolved_at = now() WHERE group_name = $1', [scope]);
      await handle(flooded);
      expect(await accounts()).toBe(30);
    } finally {
      await database.pool.query('DROP FUNCTION count_written CASCADE; DROP SEQUENCE written');
    }
  });

  it.each([20, 2, 1, 1000])('writes what changed and nothing else where one record of %i tells what is known', async (each) => {
    const count = 450;
    const batch = (version: number, nameOf: (index: number) => string): Batch => ({
      ...batchOf(0, 0, Promise.resolve()),
      records: Array.from({ length: count }, (_, index) => {
        const change = accountChange(String(index).padStart(12, '0'), { scope, version, name: nameOf(index) });
        return recordOf(encodeChange(change), version * count + index);
      }),
    });
    const isKnown = (index: number): boolean => index % each === 0;
    await handle(batch(1, () => 'first'));
    await handle(batch(2, (index) => (isKnown(index) ? 'first' : 'second')));
    const known = Array.from({ length: count }, (_, index) => index).filter(isKnown).length;
    const { rows } = await database.pool.query(
      `SELECT (SELECT count(*)::int FROM graph.changes WHERE scope = $1 AND version = 2 AND state ->> 'displayName' = 'second') AS altered,
              (SELECT count(*)::int FROM graph.changes WHERE scope = $1 AND version = 2) AS history,
              (SELECT count(*)::int FROM graph.subjects WHERE scope = $1 AND version = 2) AS advanced,
              (SELECT count(*)::int FROM graph.entities WHERE scope = $1 AND display_name = 'first') AS kept`,
      [scope],
    );
    expect(rows).toEqual([{ altered: count - known, history: count - known, advanced: count, kept: known }]);
  });
});
