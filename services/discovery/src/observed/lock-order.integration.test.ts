import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import type pg from 'pg';
import { moveOf } from '../intake/intake.fixture.js';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import { takeIn } from '../intake/take-in.js';
import type { Integration } from '../integrations/integration.js';
import { migrations } from '../migrations/index.js';
import { discardDeletions } from '../refresh/answer-held-deletions.js';
import { askRefresh } from '../refresh/sql/ask-refresh.js';
import { selectHeldDeletions } from '../refresh/sql/held-deletions.js';
import { subjectKey, type SubjectKey } from '../subjects.js';
import { recordReads } from './record-reads.js';
import { drawVersion } from './sql/draw-version.js';
import type { PartRead } from './subject-state.js';

jest.setTimeout(30_000);

let database: TestDatabase;
let integration: Integration;
/** Somebody else's transaction, which stands in the way. */
let other: pg.PoolClient;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());
beforeEach(async () => {
  integration = await insertTestIntegration(database.pool, '111122223333');
  other = await database.pool.connect();
  await other.query('BEGIN');
});
afterEach(async () => {
  await other.query('ROLLBACK');
  other.release();
});

const account = subjectKey('account', '444455556666');
const unit = subjectKey('ou', 'ou-abcd-12345678');
const read = async (...subjects: SubjectKey[]) => {
  const version = await drawVersion(database.pool, integration.id);
  const core: PartRead = { part: 'core', version, value: { arn: 'arn:aws:organizations::x', name: `at ${version}` } };
  return subjects.map((subject) => ({ subject, reads: [core] }));
};
const record = (subjects: Parameters<typeof recordReads>[2]) =>
  recordReads(database.pool, integration, subjects, {
    publish: 'changed',
    baseline: false,
    countUnexplained: false,
    confirmTagsAfterSeconds: 30,
  });
const waitsForLock = async (count = 1): Promise<void> => {
  for (;;) {
    const { rows } = await database.pool.query<{ waiting: number }>(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if ((rows[0]?.waiting ?? 0) >= count) return;
    await delay(10);
  }
};
/** Whether nobody has locked the row that this selects. */
const isFree = async (table: string): Promise<boolean> => {
  const { rowCount } = await database.pool.query(
    `SELECT 1 FROM discovery.${table} WHERE integration_id = $1 FOR UPDATE SKIP LOCKED`,
    [integration.id],
  );
  return (rowCount ?? 0) > 0;
};
const lockTheIntegration = () =>
  other.query(`SELECT 1 FROM discovery.integrations WHERE id = $1 FOR NO KEY UPDATE`, [integration.id]);

describe('rows are locked in one order', () => {
  it('by intake: whoever waits for the integration holds no refresh request yet', async () => {
    await askRefresh(database.pool, integration.id, [{ subject: account, parts: ['core'], reason: 'related' }]);
    await lockTheIntegration();
    const everywhere = JSON.parse(moveOf()) as { detail: { requestParameters: object } };
    everywhere.detail.requestParameters = {};
    const messages = [moveOf(), JSON.stringify(everywhere)].map((body) => ({ id: crypto.randomUUID(), body }));
    const taking = takeIn(database.pool, integration, messages);
    await waitsForLock();
    expect(await isFree('refresh_requests')).toBe(true);
    await other.query('ROLLBACK');
    expect((await taking).flat().map(({ outcome }) => outcome)).toEqual(['hints', 'full-sync']);
  });

  it('by merges: of nodes and of endings, whoever waits for the integration holds neither clock nor held deletions', async () => {
    await record(await read(account, unit));
    await database.pool.query(
      `INSERT INTO discovery.held_deletions (integration_id, subject, approved_at) VALUES ($1, $2, now())`,
      [integration.id, account],
    );
    await lockTheIntegration();
    const version = await drawVersion(database.pool, integration.id);
    const merging = record([
      { subject: account, reads: [{ part: 'existence', version, gone: 'not-found' }] },
      ...(await read(unit)),
    ]);
    await waitsForLock();
    expect([await isFree('version_clocks'), await isFree('held_deletions')]).toEqual([true, true]);
    await other.query('ROLLBACK');
    expect((await merging).map(({ change }) => change.kind)).toEqual(['ended', 'updated']);
  });

  it('by an operator: whoever waits for the integration holds no held deletion yet', async () => {
    await database.pool.query(`INSERT INTO discovery.held_deletions (integration_id, subject) VALUES ($1, $2)`, [
      integration.id,
      account,
    ]);
    await lockTheIntegration();
    const discarding = discardDeletions(database.pool, integration.id);
    await waitsForLock();
    expect(await isFree('held_deletions')).toBe(true);
    await other.query('ROLLBACK');
    expect(await discarding).toEqual([{ subject: account }]);
  });
});

describe('what collides nevertheless', () => {
  /** Makes a circle of this work and somebody's transaction, of which the database ends the work. */
  const collides = async <T>(held: string, wanted: string, work: () => Promise<T>): Promise<T> => {
    await other.query(`SET LOCAL deadlock_timeout = '1min'`);
    await other.query(`SELECT 1 FROM discovery.${held} WHERE integration_id = $1 FOR UPDATE`, [integration.id]);
    const working = work();
    await waitsForLock();
    await other.query(`SELECT 1 FROM discovery.${wanted} FOR UPDATE`);
    await other.query('ROLLBACK');
    return working;
  };

  it('is merged once more', async () => {
    await record(await read(account));
    const again = await read(account);
    const changes = await collides('version_clocks', 'observed_subjects', () => record(again));
    expect(changes.map(({ change }) => change.kind)).toEqual(['updated']);
  });

  it('is answered once more', async () => {
    await database.pool.query(`INSERT INTO discovery.held_deletions (integration_id, subject) VALUES ($1, $2)`, [
      integration.id,
      account,
    ]);
    const discarded = await collides('held_deletions', 'integrations', () => discardDeletions(database.pool, integration.id));
    expect(discarded).toEqual([{ subject: account }]);
    expect(await selectHeldDeletions(database.pool, integration.id)).toEqual([]);
  });
});
