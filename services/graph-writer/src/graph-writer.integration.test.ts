import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createPostgresBus, type Bus, type OutgoingRecord } from '@orgtrail/messaging';
import { graph, topics } from '@orgtrail/proto';
import {
  checksOf,
  createAdminServer,
  createApi,
  createLogger,
  createMetrics,
  DegradedError,
  type AdminServer,
  type Component,
  type Metrics,
} from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import {
  accountChange,
  accountKey,
  encodeChange,
  endedChange,
  refusedByPostgres,
  scope,
  type GivenChange,
} from './changes.fixture.js';
import { eventually } from './eventually.fixture.js';
import { createGraphWriter, graphWriterApi, readGraph, type AppliedChange, type GraphWriterOptions } from './index.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let bus: Bus;
const buses: Bus[] = [];
let metrics: Metrics;
let log: Record<string, unknown>[];
let applied: AppliedChange[];
const writers: Component[] = [];

const logger = () =>
  createLogger({
    service: 'test',
    destination: { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) },
  });

async function startWriter(given: Partial<GraphWriterOptions> = {}): Promise<Component> {
  const writer = createGraphWriter({
    bus,
    pool: database.pool,
    logger: logger(),
    meter: metrics.meter,
    onApplied: (changes) => void applied.push(...changes),
    ...given,
  });
  writers.push(writer);
  await writer.start();
  return writer;
}

async function openBus(): Promise<Bus> {
  const opened = await createPostgresBus({ pool: database.pool, logger: logger() });
  buses.push(opened);
  return opened;
}

beforeEach(async () => {
  database = await createTestDatabase();
  log = [];
  applied = [];
  metrics = createMetrics();
  bus = await openBus();
});
afterEach(async () => {
  await Promise.all(writers.splice(0).map((writer) => writer.stop()));
  await Promise.all(buses.splice(0).map((open) => open.close()));
  await database.drop();
});

const recordFor = (change: GivenChange): OutgoingRecord => ({ key: change.scope, value: encodeChange(change) });
const publish = (...changes: GivenChange[]) => bus.publish(topics.graphChanges, changes.map(recordFor));
const poison: OutgoingRecord = {
  key: scope,
  value: new Uint8Array([255, 255]),
  headers: { ce_type: 'odd', raw: new Uint8Array([0, 255]) },
};
const refusedAccount = (id: string): GivenChange => accountChange(id, { version: 1, ...refusedByPostgres });

const rows = async (sql: string) => (await database.pool.query<Record<string, unknown>>(sql)).rows;
const names = async () => (await readGraph(database.pool, scope)).entities.map(({ displayName }) => displayName);
async function scrape(): Promise<string> {
  return new Promise((resolve) => {
    const response = { setHeader: () => undefined, end: resolve, statusCode: 200 };
    metrics.handler({} as never, response as never);
  });
}

describe('the graph writer', () => {
  it('carries changes from the bus to the graph, tells what it applied, and moves the offset after the commit', async () => {
    await startWriter();
    const receivedAt = new Date(Date.now() - 700).toISOString();
    await publish(
      accountChange('000000000001', { version: 1, cause: { eventId: 'e1', eventName: 'CreateAccountResult', receivedAt } }),
      accountChange('000000000001', { version: 1 }),
      accountChange('000000000001', { version: 2 }),
      endedChange('account:000000000001', { version: 3 }),
    );
    await eventually(async () =>
      expect(await bus.lag('orgtrail-graph-writer', [topics.graphChanges])).toEqual({ [topics.graphChanges]: 0n }),
    );
    expect(applied.map(({ kind, version }) => [kind, version])).toEqual([
      ['CREATED', 1n],
      ['ENDED', 3n],
    ]);
    const text = await scrape();
    expect(text).toMatch(/orgtrail_graph_changes_applied_total\{kind="CREATED"\} 1/);
    expect(text).toMatch(/orgtrail_graph_changes_applied_total\{kind="UNCHANGED"\} 1/);
    expect(text).toMatch(/orgtrail_graph_changes_stale_total 1/);
    expect(text).toMatch(/orgtrail_event_to_graph_seconds_count 1/);
    expect(await rows('SELECT count(*)::int FROM graph.changes_default')).toEqual([{ count: 2 }]);
    expect(
      await rows(`SELECT to_regclass('graph.changes_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')) IS NOT NULL AS there`),
    ).toEqual([{ there: true }]);
  });

  it('is ready when it reads, and stops twice without complaint', async () => {
    const writer = await startWriter();
    await eventually(async () => void writer.checks?.['bus']?.());
    await writer.stop();
    await writer.stop();
    await writer.done;
  });

  it('goes on when whoever listens to applied changes throws', async () => {
    await startWriter({
      onApplied: () => {
        throw new Error('the listener is at fault');
      },
    });
    await publish(accountChange('000000000001', { version: 1, name: 'one' }));
    await eventually(async () => expect(await names()).toEqual(['one']));
    await publish(accountChange('000000000001', { version: 2, name: 'two' }));
    await eventually(async () => expect(await names()).toEqual(['two']));
  });

  it('lets two writers share the work, and neither loses a change', async () => {
    await startWriter();
    await startWriter({ bus: await openBus() });
    const scopes = Array.from({ length: 6 }, () => crypto.randomUUID());
    for (let version = 1; version <= 5; version += 1) {
      await publish(...scopes.map((of) => accountChange('000000000001', { scope: of, version, name: `v${version}` })));
    }
    for (const of of scopes) {
      await eventually(async () =>
        expect((await readGraph(database.pool, of)).entities.map(({ displayName }) => displayName)).toEqual(['v5']),
      );
    }
    expect(await rows('SELECT count(*)::int FROM graph.changes')).toEqual([{ count: 30 }]);
  });

  it('stores a tag with a NUL character instead of losing the account', async () => {
    await startWriter();
    await publish(accountChange('000000000001', { version: 1, name: 'odd', properties: { 'tag.odd': 'a\0b' } }));
    await eventually(async () => expect(await names()).toEqual(['odd']));
    expect((await readGraph(database.pool, scope)).entities[0]?.properties['tag.odd']).toBe('a\uFFFDb');
  });
});

describe('poison', () => {
  it('becomes one dead letter, whether parsing or Postgres refuses it, and everything around it is applied', async () => {
    await bus.ensureTopics([{ topic: topics.graphChanges, partitions: 6 }]);
    await bus.publish(topics.graphChanges, [
      recordFor(accountChange('000000000001', { version: 1, name: 'a' })),
      poison,
      recordFor(accountChange('000000000002', { version: 1, name: 'b' })),
      recordFor(refusedAccount('000000000003')),
      recordFor(accountChange('000000000004', { version: 1, name: 'd' })),
      { key: scope, value: null },
      recordFor(accountChange('000000000005', { version: 1, name: 'e' })),
    ]);
    await startWriter();
    await eventually(async () => expect(await names()).toEqual(['a', 'b', 'd', 'e']));
    const letters = await rows(
      `SELECT "offset"::int, group_name, code, message, record_key, record_value, headers, resolved_at FROM graph.dead_letters ORDER BY "offset"`,
    );
    expect(letters).toMatchObject([
      {
        offset: 1,
        group_name: 'orgtrail-graph-writer',
        code: 'UNPARSABLE',
        record_key: scope,
        record_value: Buffer.from(poison.value!),
        headers: { ce_type: 'odd', raw: { base64: 'AP8=' } },
        resolved_at: null,
      },
      {
        offset: 3,
        code: 'SQLSTATE_54000',
        record_value: Buffer.from(encodeChange(refusedAccount('000000000003'))),
      },
      { offset: 5, code: 'UNPARSABLE', record_value: null },
    ]);
    for (const { message } of letters) expect(message).not.toMatch(/000000000003/);
    expect(applied).toHaveLength(4);
    expect(await scrape()).toMatch(/orgtrail_dead_letters_total\{code="UNPARSABLE",topic="orgtrail.graph-changes.v1"\} 2/);
    expect(log.filter(({ msg }) => String(msg).includes('dead letter'))).toHaveLength(3);
  });

  it('of another service is kept once, however often it arrives', async () => {
    await startWriter();
    const letter = toBinary(
      graph.DeadLetterSchema,
      create(graph.DeadLetterSchema, {
        topic: topics.observations,
        partition: 2,
        offset: 17n,
        group: 'orgtrail-account-mapper',
        code: 'CONTRACT_VIOLATION',
        message: 'An account id has not 12 digits.',
        recordKey: Buffer.from(scope),
        recordValue: Buffer.from('value'),
        headers: { ce_type: Buffer.from('orgtrail.observation.v1') },
        failedAt: timestampFromMs(1_790_000_000_000),
      }),
    );
    const record = { key: `${topics.observations}/2`, value: letter };
    await bus.publish(topics.deadLetters, [record, record]);
    await bus.publish(topics.deadLetters, [record, { ...record, value: new Uint8Array([255]) }]);
    await eventually(async () =>
      expect(await bus.lag('orgtrail-graph-writer', [topics.deadLetters])).toEqual({ [topics.deadLetters]: 0n }),
    );
    expect(
      await rows(
        'SELECT topic, partition, "offset"::int, group_name, code, record_key, failed_at FROM graph.dead_letters ORDER BY topic DESC',
      ),
    ).toEqual([
      {
        topic: topics.observations,
        partition: 2,
        offset: 17,
        group_name: 'orgtrail-account-mapper',
        code: 'CONTRACT_VIOLATION',
        record_key: scope,
        failed_at: new Date(1_790_000_000_000),
      },
      expect.objectContaining({ topic: topics.deadLetters, offset: 3, code: 'UNPARSABLE' }),
    ]);
  });

  describe('more than 20 in a row', () => {
    // Of another partition.
    const other = 'a3bb189e-8bf9-4888-9912-ace4e6543008';
    const kept = async () => (await rows('SELECT count(*)::int AS count FROM graph.dead_letters'))[0]?.['count'];
    const said = (text: string) => log.filter(({ msg }) => String(msg).includes(text));
    const standsAt = async () => /stopped_partitions\{topic="orgtrail\.graph-changes\.v1"\} (\d)/.exec(await scrape())?.[1];
    const namesOf = async (of: string) => (await readGraph(database.pool, of)).entities.map(({ displayName }) => displayName);
    let server: AdminServer | undefined;

    async function serve(writer: Component): Promise<void> {
      const routes = createApi({
        parts: [graphWriterApi({ pool: database.pool, bus, feedIsOn: false })],
        tokens: [{ name: 'ana', role: 'admin', token: 'a'.repeat(32) }],
        logger: logger(),
      });
      const checks = checksOf([writer]);
      server = createAdminServer({ host: '127.0.0.1', port: 0, checks, metricsHandler: () => undefined, routes });
      await server.start();
    }
    const discardAll = () =>
      fetch(`${server!.url}/v1/dead-letters/discard`, {
        method: 'POST',
        headers: { authorization: `Bearer ${'a'.repeat(32)}`, 'content-type': 'application/json' },
        body: JSON.stringify({ all: true }),
      });
    afterEach(() => server?.stop());

    async function flood(count: number): Promise<void> {
      await bus.ensureTopics([{ topic: topics.graphChanges, partitions: 6 }]);
      await publish(accountChange('000000000001', { version: 1, name: 'before' }));
      await bus.publish(
        topics.graphChanges,
        Array.from({ length: count }, () => poison),
      );
      await publish(accountChange('000000000001', { version: 2, name: 'after' }));
    }

    it('stop their partition alone, until an operator discards them through the API, which is there', async () => {
      await flood(45);
      const writer = await startWriter();
      let ended = false;
      void writer.done?.finally(() => (ended = true)).catch(() => undefined);
      await serve(writer);
      await eventually(() => expect(said('stands still')).toHaveLength(1));
      expect(await kept()).toBe(20);
      expect(await names()).toEqual(['before']);
      expect(await standsAt()).toBe('1');
      const verbose = await fetch(`${server!.url}/readyz?verbose`);
      expect([verbose.status, await verbose.text()]).toEqual([
        200,
        expect.stringMatching(
          /Partition \d of orgtrail\.graph-changes\.v1 stands still before offset 21\. .*21 in a row.*dead-letters list/,
        ),
      ]);
      expect(() => writer.checks?.['partitions']?.()).toThrow(DegradedError);

      // Others go on, and it is said once only, however often it is tried.
      await publish(accountChange('000000000001', { scope: other, version: 1, name: 'elsewhere' }));
      await eventually(async () => expect(await namesOf(other)).toEqual(['elsewhere']));
      await eventually(() => expect(said('come again').length).toBeGreaterThan(2));
      expect(await kept()).toBe(20);
      expect(said('stands still')).toHaveLength(1);

      expect((await discardAll()).status).toBe(200);
      await eventually(async () => expect(await kept()).toBe(40));
      expect(await names()).toEqual(['before']);
      expect((await discardAll()).status).toBe(200);
      await eventually(async () => expect(await names()).toEqual(['after']));
      await eventually(async () => expect(await standsAt()).toBe('0'));
      expect(await kept()).toBe(45);
      expect(said('goes on')).toHaveLength(2);
      expect(await (await fetch(`${server!.url}/readyz`)).text()).toBe('ok\n');
      expect(ended).toBe(false);
    });

    it('are too many after a restart as well, unless they were resolved meanwhile', async () => {
      await flood(45);
      const first = await startWriter();
      await eventually(() => expect(said('stands still')).toHaveLength(1));
      await first.stop();
      const second = await startWriter();
      await eventually(() => expect(said('stands still')).toHaveLength(2));
      await second.stop();
      expect(await kept()).toBe(20);
      await database.pool.query('UPDATE graph.dead_letters SET resolved_at = now()');
      await startWriter();
      await eventually(async () => expect(await kept()).toBe(40));
      expect(await names()).toEqual(['before']);
    });

    it('count no more as soon as they are resolved, also where the partition does not stand yet', async () => {
      await startWriter();
      const bad = (count: number) =>
        bus.publish(
          topics.graphChanges,
          Array.from({ length: count }, () => poison),
        );
      await bad(15);
      await eventually(async () => expect(await kept()).toBe(15));
      await database.pool.query('UPDATE graph.dead_letters SET resolved_at = now()');
      await bad(15);
      await eventually(async () => expect(await kept()).toBe(30));
      expect(said('stands still')).toEqual([]);
    });
  });
});

describe('sickness', () => {
  it('stops the writer with its reason, and loses nothing: the records come again when it is well', async () => {
    const writer = await startWriter();
    await database.pool.query('ALTER TABLE graph.entities RENAME COLUMN display_name TO renamed');
    await publish(accountChange('000000000001', { version: 1, name: 'kept' }));
    await expect(writer.done).rejects.toThrow('display_name');
    await writer.stop();
    expect(await rows('SELECT 1 FROM graph.dead_letters')).toEqual([]);
    await database.pool.query('ALTER TABLE graph.entities RENAME COLUMN renamed TO display_name');
    await startWriter();
    await eventually(async () => expect(await names()).toEqual(['kept']));
    expect(await rows(`SELECT key, kind FROM graph.changes`)).toEqual([{ key: accountKey('000000000001'), kind: 'CREATED' }]);
  });

  it('of a connection is waited for: a batch whose connection was killed is applied once', async () => {
    const writer = await startWriter();
    let stopped: unknown;
    writer.done?.catch((error: unknown) => (stopped = error));
    const blocker = await database.pool.connect();
    await blocker.query('BEGIN');
    await blocker.query('LOCK TABLE graph.entities IN ACCESS EXCLUSIVE MODE');
    await publish(accountChange('000000000001', { version: 1, name: 'patient' }));
    // The writer's transaction waits for the table: its connection is killed in the middle of the batch.
    await eventually(async () => {
      const killed = await database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%compared%' AND pid <> pg_backend_pid()`,
      );
      expect(killed.rowCount).toBeGreaterThan(0);
    });
    await blocker.query('COMMIT');
    blocker.release();
    await eventually(async () => expect(await names()).toEqual(['patient']));
    expect(await rows('SELECT count(*)::int FROM graph.changes')).toEqual([{ count: 1 }]);
    expect(applied).toHaveLength(1);
    expect(stopped).toBeUndefined();
  });
});

describe('the upkeep', () => {
  it('drops months of the history when it starts, where that is asked for, and says what it dropped', async () => {
    const writer = await startWriter();
    await publish(accountChange('444455556666', { version: 1, name: 'long ago' }));
    await publish(accountChange('444455556666', { version: 2, name: 'a moment later' }));
    await eventually(() => expect(applied).toHaveLength(2));
    await writer.stop();
    await database.pool.query(`UPDATE graph.changes SET at = at - interval '2 years'`);
    const names = async () =>
      (
        await database.pool.query<{ name: string }>(`SELECT state ->> 'displayName' AS name FROM graph.changes ORDER BY version`)
      ).rows.map(({ name }) => name);

    const waiting = await startWriter({ historyMonths: 12 });
    const warnings = () => log.filter(({ msg }) => String(msg).includes('the feed has not published'));
    await eventually(() => expect(warnings()).toMatchObject([{ scopes: 1 }]));
    await waiting.stop();
    expect(await names()).toEqual(['long ago', 'a moment later']);

    await startWriter({ historyMonths: 12, feedIsOn: false });
    await eventually(async () => expect(await names()).toEqual(['a moment later']));
    // It is committed before it is said.
    await eventually(() => {
      expect(log).toContainEqual(expect.objectContaining({ outcome: 'folded', rows: { kept: 1, folded: 2 } }));
      return Promise.resolve();
    });
  });
});
