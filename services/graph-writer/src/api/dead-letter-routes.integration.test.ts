import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { BusError, createPostgresBus, type Bus, type OutgoingRecord } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import {
  createAdminServer,
  createApi,
  createLogger,
  createMetrics,
  type AdminServer,
  type ApiToken,
  type Component,
} from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { accountChange, encodeChange, scope, type GivenChange } from '../changes.fixture.js';
import { eventually } from '../eventually.fixture.js';
import { createGraphWriter } from '../index.js';
import { deleteResolvedDeadLetters } from '../sql/delete-resolved-dead-letters.js';
import { readGraph } from '../sql/read-graph.js';
import { graphWriterApi } from './graph-writer-api.js';

jest.setTimeout(60_000);

const reader: ApiToken = { name: 'rita', role: 'reader', token: 'r'.repeat(32) };
const admin: ApiToken = { name: 'ana', role: 'admin', token: 'a'.repeat(32) };
const logger = createLogger({ service: 'test', level: 'silent' });

let database: TestDatabase;
let bus: Bus;
let writer: Component;
let server: AdminServer;
/** By default the bus itself. */
let publishing: Bus['publish'] | undefined;

beforeEach(async () => {
  publishing = undefined;
  database = await createTestDatabase();
  bus = await createPostgresBus({ pool: database.pool, logger });
  writer = createGraphWriter({ bus, pool: database.pool, logger, meter: createMetrics().meter });
  await writer.start();
  const routes = createApi({
    parts: [
      graphWriterApi({
        pool: database.pool,
        bus: { publish: (...given) => (publishing ?? bus.publish)(...given) },
        feedIsOn: false,
      }),
    ],
    tokens: [reader, admin],
    logger,
  });
  server = createAdminServer({ host: '127.0.0.1', port: 0, checks: {}, metricsHandler: () => undefined, routes });
  await server.start();
});
afterEach(async () => {
  await server.stop();
  await writer.stop();
  await bus.close();
  await database.drop();
});

interface Letter {
  id: string;
  code: string;
  offset: string;
  resolution: string | null;
  resolvedBy: string | null;
  replayOf: string | null;
  payload?: { bytes: number; sha256: string; message?: object } | null;
}

type Answer = Partial<Letter> & { replayed?: string[]; discarded?: string[]; notOpen?: string[] };

async function call(
  method: 'GET' | 'POST',
  path: string,
  { body, by = admin }: { body?: unknown; by?: ApiToken } = {},
): Promise<{ status: number; answer: Answer }> {
  const response = await fetch(`${server.url}/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${by.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, answer: (await response.json()) as Answer };
}
const listed = async (query = ''): Promise<Letter[]> =>
  ((await call('GET', `/dead-letters${query}`)).answer as unknown as { deadLetters: Letter[] }).deadLetters;

const names = async () => (await readGraph(database.pool, scope)).entities.map(({ displayName }) => displayName);
const recordFor = (change: GivenChange): OutgoingRecord => ({ key: change.scope, value: encodeChange(change) });
const publish = (...changes: GivenChange[]) => bus.publish(topics.graphChanges, changes.map(recordFor));
const nonsense: OutgoingRecord = {
  key: scope,
  value: new Uint8Array([255, 255]),
  headers: { ce_type: 'odd', raw: new Uint8Array([0, 255]) },
};

/** What Postgres refuses until somebody mends it. */
async function refuseNames(pattern: string): Promise<void> {
  await database.pool.query(`ALTER TABLE graph.entities ADD CONSTRAINT no_such_name CHECK (display_name NOT LIKE '${pattern}')`);
}
const mend = () => database.pool.query('ALTER TABLE graph.entities DROP CONSTRAINT no_such_name');

describe('a dead letter', () => {
  it('is listed and shown without anything that could be personal', async () => {
    await refuseNames('Ana%');
    await publish(
      accountChange('000000000001', {
        version: 7,
        name: 'Ana Example',
        properties: { email: 'ana@example.com', 'tag.Owner': 'Ana' },
      }),
    );
    await bus.publish(topics.graphChanges, [nonsense]);
    await eventually(async () => expect(await listed()).toHaveLength(2));
    const [second, first] = await listed();
    expect(first).toMatchObject({
      code: 'SQLSTATE_23514',
      topic: topics.graphChanges,
      recordKey: scope,
      group: 'orgtrail-graph-writer',
      resolution: null,
    });
    expect(second).toMatchObject({ code: 'UNPARSABLE' });
    expect(await listed('?code=UNPARSABLE')).toEqual([second]);
    expect(await listed(`?key=${scope}&limit=1`)).toEqual([second]);
    expect(await listed(`?before=${second!.id}`)).toEqual([first]);
    expect(await listed('?state=resolved')).toEqual([]);

    const { status, answer } = await call('GET', `/dead-letters/${first!.id}`, { by: reader });
    expect(status).toBe(200);
    expect(answer.payload?.message).toMatchObject({
      integrationId: scope,
      subject: 'account:000000000001',
      subjectVersion: '7',
      present: {
        entity: { displayName: '‹11 characters›', properties: { email: '‹15 characters›', 'tag.Owner': '‹3 characters›' } },
      },
    });
    expect(JSON.stringify(answer)).not.toMatch(/ana@|Ana/);
    const unreadable = await call('GET', `/dead-letters/${second!.id}`);
    expect(unreadable.answer).toMatchObject({ headers: ['ce_type', 'raw'], payload: { bytes: 2 } });
    expect(unreadable.answer.payload).not.toHaveProperty('message');
    expect((await call('GET', '/dead-letters/999')).status).toBe(404);
  });

  it('is applied when it is replayed after the mending, and never wins over newer state', async () => {
    await refuseNames('bad%');
    await publish(
      accountChange('000000000001', { version: 1, name: 'bad' }),
      accountChange('000000000002', { version: 1, name: 'bad too' }),
    );
    await eventually(async () => expect(await listed()).toHaveLength(2));
    await publish(accountChange('000000000002', { version: 2, name: 'newer' }));
    await eventually(async () => expect(await names()).toEqual(['newer']));
    await mend();
    const ids = (await listed()).map(({ id }) => id).sort();
    const { answer } = await call('POST', '/dead-letters/replay', { body: { code: 'SQLSTATE_23514' } });
    expect(answer).toEqual({ replayed: ids, notOpen: [] });
    await eventually(async () => expect((await names()).sort()).toEqual(['bad', 'newer']));
    expect(await listed()).toEqual([]);
    expect(await listed('?state=resolved')).toMatchObject([
      { resolution: 'REPLAYED', resolvedBy: 'ana' },
      { resolution: 'REPLAYED', resolvedBy: 'ana' },
    ]);
    expect((await call('GET', '/dead-letter-actions', { by: reader })).answer).toMatchObject({
      actions: [{ who: 'ana', action: 'replay dead letters', detail: { code: 'SQLSTATE_23514', count: 2, ids } }],
    });
  });

  it('that fails again is a new one that names the old, and all are replayed once only', async () => {
    await bus.publish(topics.graphChanges, [nonsense]);
    await eventually(async () => expect(await listed()).toHaveLength(1));
    const [old] = await listed();
    expect((await call('POST', '/dead-letters/replay', { body: { all: true } })).answer).toEqual({
      replayed: [old!.id],
      notOpen: [],
    });
    await eventually(async () => expect(await listed()).toMatchObject([{ code: 'UNPARSABLE', replayOf: old!.id }]));
    // Its headers came along.
    const [again] = await listed();
    expect((await call('GET', `/dead-letters/${again!.id}`)).answer).toMatchObject({
      headers: ['ce_type', 'orgtrail-replay-of', 'raw'],
    });
  });

  it('is discarded once, by whoever comes first', async () => {
    await bus.publish(topics.graphChanges, [nonsense, nonsense, nonsense]);
    await eventually(async () => expect(await listed()).toHaveLength(3));
    const ids = (await listed()).map(({ id }) => id);
    const answers = await Promise.all(
      ['discard', 'replay', 'discard'].map((how) => call('POST', `/dead-letters/${how}`, { body: { ids } })),
    );
    const done = answers.flatMap(({ answer }) => [...(answer.discarded ?? []), ...(answer.replayed ?? [])]);
    expect(done.toSorted()).toEqual(ids.toSorted());
    expect(answers.flatMap(({ answer }) => answer.notOpen).length).toBe(6);
  });

  it('stays open where the bus does not take it, and what was taken before is replayed and kept', async () => {
    await database.pool.query(
      `INSERT INTO graph.dead_letters (topic, partition, "offset", group_name, code, message, record_key, headers, failed_at)
       SELECT $1, 0, n, 'orgtrail-graph-writer', 'UNPARSABLE', 'It is odd.', $2, '{}', now() FROM generate_series(1, 450) AS n`,
      [topics.graphChanges, scope],
    );
    let times = 0;
    publishing = () => {
      times += 1;
      if (times === 2) throw new BusError('It is away.', { code: 'BUS_UNREACHABLE', retriable: true });
      return Promise.resolve();
    };
    expect(await call('POST', '/dead-letters/replay', { body: { all: true } })).toMatchObject({
      status: 503,
      answer: { code: 'BUS_UNREACHABLE' },
    });
    expect(await listed('?limit=1000')).toHaveLength(250);
    expect((await call('GET', '/dead-letter-actions')).answer).toMatchObject({
      actions: [{ who: 'ana', detail: { all: true, count: 200 } }],
    });
  });

  it('goes with its content some days after it was resolved, and never before', async () => {
    await bus.publish(topics.graphChanges, [nonsense, nonsense]);
    await eventually(async () => expect(await listed()).toHaveLength(2));
    const [second, first] = await listed();
    await call('POST', '/dead-letters/discard', { body: { ids: [first!.id] } });
    await database.pool.query(`UPDATE graph.dead_letters SET failed_at = now() - interval '1 year'`);
    expect(await deleteResolvedDeadLetters(database.pool, { olderThanDays: 7 })).toBe(0);
    await database.pool.query(
      `UPDATE graph.dead_letters SET resolved_at = now() - interval '8 days' WHERE resolved_at IS NOT NULL`,
    );
    expect(await deleteResolvedDeadLetters(database.pool, { olderThanDays: 7 })).toBe(1);
    expect(await listed('?state=all')).toMatchObject([{ id: second!.id }]);

    await call('POST', '/dead-letters/discard', { body: { ids: [second!.id] } });
    await database.pool.query(`UPDATE graph.dead_letters SET resolved_at = now() - interval '8 days'`);
    await writer.stop();
    writer = createGraphWriter({ bus, pool: database.pool, logger, meter: createMetrics().meter });
    await writer.start();
    await eventually(async () => expect(await listed('?state=all')).toEqual([]));
  });
});

describe('what is refused', () => {
  it.each([
    ['nothing chosen', {}],
    ['two ways at once', { ids: ['1'], all: true }],
    ['no number', { ids: ["1'; DROP TABLE"] }],
    ['not all', { all: false }],
    ['too many', { ids: Array.from({ length: 1001 }, (_, index) => String(index + 1)) }],
    ['a code that Postgres cannot compare', { code: '\0' }],
  ])('%s', async (_what, body) => {
    for (const how of ['discard', 'replay']) {
      const { status, answer } = await call('POST', `/dead-letters/${how}`, { body });
      expect(status).toBe(400);
      expect(answer.code).toBe('INVALID');
    }
  });

  it.each([
    'code=%00',
    'topic=a%00',
    'key=%00',
    'since=0000-01-01T00:00:00Z',
    'since=0001-01-01T00:00:00%2B01:00',
    'since=9999-12-31T23:59:59-01:00',
  ])('a list with ?%s', async (query) => {
    const { status, answer } = await call('GET', `/dead-letters?${query}`);
    expect({ status, code: answer.code }).toEqual({ status: 400, code: 'INVALID' });
  });

  it('no time that Postgres knows', async () => {
    for (const since of ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999999Z', '2026-11-26T12:00:00%2B23:59']) {
      expect({ since, status: (await call('GET', `/dead-letters?since=${since}`)).status }).toEqual({ since, status: 200 });
    }
  });

  it('an action of a reader, and a list with an unknown filter', async () => {
    expect((await call('POST', '/dead-letters/replay', { body: { all: true }, by: reader })).status).toBe(403);
    expect((await call('GET', '/dead-letters?color=red')).status).toBe(400);
    expect((await call('GET', '/dead-letters?since=yesterday')).status).toBe(400);
  });
});
