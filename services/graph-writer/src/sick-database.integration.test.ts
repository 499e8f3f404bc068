import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createPostgresBus, type Bus } from '@orgtrail/messaging';
import { topics } from '@orgtrail/proto';
import { createLogger, createMetrics, type Component } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { accountChange, encodeChange, scope } from './changes.fixture.js';
import { createGraphWriter, readGraph } from './index.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let bus: Bus;
let log: Record<string, unknown>[];
let writer: Component;

const logger = () =>
  createLogger({
    service: 'test',
    destination: { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) },
  });

beforeEach(async () => {
  database = await createTestDatabase();
  log = [];
  bus = await createPostgresBus({ pool: database.pool, logger: logger() });
  writer = createGraphWriter({ bus, pool: database.pool, logger: logger(), meter: createMetrics().meter });
  await writer.start();
});
afterEach(async () => {
  await writer.stop();
  await bus.close();
  await database.drop();
});

const rows = async (sql: string) => (await database.pool.query<Record<string, unknown>>(sql)).rows;
const accounts = ['000000000001', '000000000002', '000000000003'];
const publish = () =>
  bus.publish(
    topics.graphChanges,
    accounts.map((id) => ({ key: scope, value: encodeChange(accountChange(id, { version: 1 })) })),
  );
const furtherAttempts = () => log.filter(({ msg }) => String(msg).includes('trying again'));

/** Writing an account is answered with this SQLSTATE, so many times. A sequence counts, since it keeps its count when all else is rolled back. */
async function refuse(code: string, times: number): Promise<void> {
  await database.pool.query(
    `CREATE SEQUENCE refusals;
     CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF nextval('refusals') <= ${times} THEN RAISE EXCEPTION 'refused' USING ERRCODE = '${code}'; END IF;
       RETURN NEW;
     END $$;
     CREATE TRIGGER refuse BEFORE INSERT ON graph.entities FOR EACH ROW EXECUTE FUNCTION refuse()`,
  );
}

async function untilWritten(): Promise<void> {
  for (const giveUp = Date.now() + 30_000; (await readGraph(database.pool, scope)).entities.length < accounts.length;) {
    if (Date.now() > giveUp) throw new Error('The accounts were not written.');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe('what time may heal', () => {
  it.each([
    ['a deadlock', '40P01'],
    ['a serialization failure', '40001'],
    ['a full disk', '53100'],
    ['no connection left', '53300'],
    ['a server that shuts down', '57P01'],
  ])('is waited for, and every record is applied once: %s (%s)', async (_what, code) => {
    await refuse(code, 3);
    await publish();
    await untilWritten();
    expect(furtherAttempts()).toHaveLength(3);
    expect(await rows('SELECT count(*)::int FROM graph.changes')).toEqual([{ count: accounts.length }]);
    expect(await rows('SELECT 1 FROM graph.dead_letters')).toEqual([]);
  });

  it('two transactions that wait for each other: a real deadlock ends with both applied', async () => {
    await publish();
    await untilWritten();
    const other = await database.pool.connect();
    try {
      await other.query(`SET deadlock_timeout = '10min'`);
      await other.query('BEGIN');
      // The writer locks the scope first and then its rows; this one goes the other way round.
      await other.query(`SELECT 1 FROM graph.subjects FOR UPDATE`);
      await bus.publish(
        topics.graphChanges,
        accounts.map((id) => ({ key: scope, value: encodeChange(accountChange(id, { version: 2, name: 'after' })) })),
      );
      await untilOneWaits();
      await other.query(`SELECT 1 FROM graph.scopes FOR UPDATE`);
      await other.query('COMMIT');
    } finally {
      other.release(true);
    }
    for (const giveUp = Date.now() + 30_000; ; await new Promise((resolve) => setTimeout(resolve, 25))) {
      const { entities } = await readGraph(database.pool, scope);
      if (entities.every(({ displayName }) => displayName === 'after')) break;
      if (Date.now() > giveUp) throw new Error('The changes were not applied.');
    }
    expect(furtherAttempts().length).toBeGreaterThan(0);
    expect(await rows('SELECT 1 FROM graph.dead_letters')).toEqual([]);
  });
});

describe('what only people can mend', () => {
  it.each([
    ['a missing permission', '42501'],
    ['a missing column', '42703'],
    ['a statement that took too long', '57014'],
  ])('stops the writer without a dead letter, and nothing is lost: %s (%s)', async (_what, code) => {
    await refuse(code, 1_000_000);
    await publish();
    await expect(writer.done).rejects.toMatchObject({ code });
    await writer.stop();
    expect(await rows('SELECT 1 FROM graph.dead_letters')).toEqual([]);
    expect(await rows('SELECT 1 FROM graph.changes')).toEqual([]);
    await database.pool.query('DROP FUNCTION refuse CASCADE');
    writer = createGraphWriter({ bus, pool: database.pool, logger: logger(), meter: createMetrics().meter });
    await writer.start();
    await untilWritten();
  });
});

async function untilOneWaits(): Promise<void> {
  for (;;) {
    const waiting = await rows(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
    if (waiting.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
