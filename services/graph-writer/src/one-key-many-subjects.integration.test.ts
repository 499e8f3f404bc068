import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { createPostgresBus, type Bus } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { accountChange, accountKey, encodeChange, endedChange, scope } from './changes.fixture.js';
import { createGraphWriter } from './index.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let bus: Bus;
const logger = createLogger({ service: 'test', level: 'silent' });

beforeEach(async () => {
  database = await createTestDatabase();
  bus = await createPostgresBus({ pool: database.pool, logger });
});
afterEach(async () => {
  await bus.close();
  await database.drop();
});

type Change = ReturnType<typeof accountChange>;
/** The account under another subject: two that claim one key. */
const under = (subject: string, change: Change): Change => ({ ...change, subject });

/** In one batch: they lie there before the writer reads. */
async function apply(...changes: Change[]): Promise<void> {
  await bus.ensureTopics([{ topic: topics.graphChanges, partitions: 1 }]);
  await bus.publish(
    topics.graphChanges,
    changes.map((change) => ({ key: scope, value: encodeChange(change) })),
  );
  const writer = createGraphWriter({ bus, pool: database.pool, logger, meter: createMetrics().meter });
  await writer.start();
  const read = async (): Promise<void> => {
    while (((await bus.lag('orgtrail-graph-writer', [topics.graphChanges]))[topics.graphChanges] ?? 1n) > 0n) {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  await Promise.race([read(), writer.done]);
  await writer.stop();
}

const rows = async (sql: string) => (await database.pool.query<Record<string, unknown>>(sql)).rows;
const entity = () =>
  rows(`SELECT subject, display_name AS name, live FROM graph.entities WHERE key = '${accountKey('000000000001')}'`);
const letters = () => rows(`SELECT "offset"::int, code FROM graph.dead_letters ORDER BY "offset"`);
const first = accountChange('000000000001', { version: 1, name: 'first' });
const second = under('account:copy', accountChange('000000000001', { version: 2, name: 'second' }));

it('in one batch: the first keeps it, the second becomes a dead letter, and a neighbour is written', async () => {
  await apply(first, second, accountChange('000000000003', { version: 1, name: 'neighbour' }));
  expect(await entity()).toEqual([{ subject: 'account:000000000001', name: 'first', live: true }]);
  expect(await letters()).toEqual([{ offset: 1, code: 'OWNED_BY_ANOTHER_SUBJECT' }]);
  expect(await rows(`SELECT 1 AS there FROM graph.entities WHERE display_name = 'neighbour'`)).toEqual([{ there: 1 }]);
});

it('in one batch: it passes to the second after the first has ended', async () => {
  await apply(first, endedChange('account:000000000001', { version: 2 }), { ...second, version: 3n });
  expect(await letters()).toEqual([]);
  expect(await entity()).toEqual([{ subject: 'account:copy', name: 'second', live: true }]);
  expect(await rows(`SELECT kind FROM graph.changes ORDER BY version`)).toEqual([
    { kind: 'CREATED' },
    { kind: 'ENDED' },
    { kind: expect.stringMatching(/CREATED|RETURNED/) },
  ]);
});

it('in one batch: it passes to the second after the first was written as something else', async () => {
  const renamed = { ...accountChange('000000000009', { version: 2, name: 'elsewhere' }), subject: first.subject };
  await apply(first, renamed, { ...second, version: 3n });
  expect(await letters()).toEqual([]);
  expect(await entity()).toEqual([{ subject: 'account:copy', name: 'second', live: true }]);
  expect(await rows(`SELECT live FROM graph.entities WHERE key = '${accountKey('000000000009')}'`)).toEqual([{ live: true }]);
});

it('at the version at which its owner left it, of which the history has a row already: it becomes a dead letter, and no row is lost', async () => {
  await apply(first);
  await apply({ ...accountChange('000000000009', { version: 2 }), subject: first.subject });
  await apply({ ...second, version: 2n });
  expect(await letters()).toEqual([{ offset: 2, code: 'OWNED_BY_ANOTHER_SUBJECT' }]);
  expect(await entity()).toEqual([{ subject: 'account:000000000001', name: 'first', live: false }]);
});

it('in one batch: who owned it last and returns first keeps it', async () => {
  await apply(first, endedChange('account:000000000001', { version: 2 }));
  await apply({ ...first, version: 3n }, { ...second, version: 4n });
  expect(await entity()).toEqual([{ subject: 'account:000000000001', name: 'first', live: true }]);
  expect(await letters()).toEqual([{ offset: 3, code: 'OWNED_BY_ANOTHER_SUBJECT' }]);
});

it('in one batch: it passes on when its owner, known before, ends or leaves it first, and not when that comes later', async () => {
  await apply(first);
  await apply({ ...second, version: 2n }, endedChange('account:000000000001', { version: 3 }));
  expect(await letters()).toEqual([{ offset: 1, code: 'OWNED_BY_ANOTHER_SUBJECT' }]);
  await apply({ ...first, version: 4n });
  await apply(endedChange('account:000000000001', { version: 5 }), { ...second, version: 6n });
  expect(await letters()).toHaveLength(1);
  expect(await entity()).toEqual([{ subject: 'account:copy', name: 'second', live: true }]);
});

it('is left alone when the event that explains its former owner comes late', async () => {
  await apply(first, endedChange('account:000000000001', { version: 2, reason: 'NOT_FOUND' }));
  await apply({ ...second, version: 3n });
  await apply(endedChange('account:000000000001', { version: 4, reason: 'LEFT' }));
  expect(await entity()).toEqual([{ subject: 'account:copy', name: 'second', live: true }]);
  expect(await rows(`SELECT kind FROM graph.changes WHERE version = 4`)).toEqual([]);
  expect(await rows(`SELECT ended_reason FROM graph.subjects WHERE subject = 'account:000000000001'`)).toEqual([
    { ended_reason: 'LEFT' },
  ]);
});
