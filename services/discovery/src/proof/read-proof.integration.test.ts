import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { moveOf } from '../intake/intake.fixture.js';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import { arrivalOf } from '../intake/arrival-of.js';
import { noteEventArrival } from '../intake/sql/note-event-arrival.js';
import { takeIn } from '../intake/take-in.js';
import { removeIntegration } from '../integrations/administer.js';
import type { Integration } from '../integrations/integration.js';
import { forgetRemoved } from '../integrations/sql/forget-removed.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { migrations } from '../migrations/index.js';
import { recordReads } from '../observed/record-reads.js';
import type { PartRead } from '../observed/subject-state.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { announceReplica } from '../ownership/sql/announce-replica.js';
import { discardDeletions } from '../refresh/answer-held-deletions.js';
import { askRefresh } from '../refresh/sql/ask-refresh.js';
import { beginSync, finishSync } from '../refresh/sql/sync-runs.js';
import { subjectKey, type SubjectKey } from '../subjects.js';
import { rotateWebhookSecret } from '../webhook/administer-secret.js';
import { readProof, type Proof } from './read-proof.js';
import { keepPathJudgement, keepProof } from './sql/kept-proof.js';
import { purgeExpired } from './sql/purge-expired.js';
import { settleMissedChanges } from './sql/settle-found-changes.js';

let database: TestDatabase;
let integration: Integration;
const managementAccountId = '111122223333';

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
  // As far as the proof looks into it.
  await database.pool.query(`CREATE SCHEMA graph`);
  await database.pool.query(`CREATE TABLE graph.dead_letters (resolved_at timestamptz, record_key text)`);
  await database.pool.query(`CREATE TABLE graph.subjects (scope text, subject text, version bigint)`);
});
afterAll(() => database.drop());
beforeEach(async () => {
  integration = await insertTestIntegration(database.pool, managementAccountId);
  await keepProof(database.pool, integration.id, { windowSeconds: 900, staleSeconds: 300 });
});
afterEach(() => {
  jest.useRealTimers();
});

const proof = async (): Promise<Proof> => readProof(database.pool, (await selectIntegration(database.pool, integration.id))!);
const doubts = async () => (await proof()).inSync.doubts.map(({ code }) => code);
const readsQueue = () =>
  database.pool.query(
    `UPDATE discovery.integrations SET settings = settings || '{"queueUrl": "https://queue.example/1/q"}' WHERE id = $1`,
    [integration.id],
  );
const version = () => drawVersion(database.pool, integration.id);
const recording = { publish: 'changed', baseline: false, countUnexplained: true, confirmTagsAfterSeconds: 30 } as const;
async function reads(
  subjects: readonly SubjectKey[],
  read: (version: bigint) => PartRead,
  { at, ...more }: { at?: bigint; baseline?: boolean } = {},
): Promise<void> {
  const drawn = at ?? (await version());
  await recordReads(
    database.pool,
    integration,
    subjects.map((subject) => ({ subject, reads: [read(drawn)] })),
    { ...recording, ...more },
  );
}
const found =
  (state: string, name = 'one') =>
  (at: bigint): PartRead => ({ part: 'core', version: at, value: { arn: 'arn', name, state } });
const gone = (at: bigint): PartRead => ({ part: 'existence', version: at, gone: 'not-found' });
const account = (number: number): SubjectKey => subjectKey('account', String(number).padStart(12, '0'));
/** One that lists these. */
async function completeSync(more: { problems?: object[] } = {}, listed: readonly SubjectKey[] = []): Promise<string> {
  const at = await version();
  const { id } = await beginSync(database.pool, integration.id, { kind: 'full', version: at, reason: 'test' });
  await reads(listed, found('ACTIVE'), { at });
  await finishSync(database.pool, integration.id, { id, kind: 'full', outcome: 'complete', summary: { problems: [], ...more } });
  return id;
}
/** The bus and the graph have everything, and nothing waits. */
async function settleEverything(): Promise<void> {
  await database.pool.query(`DELETE FROM discovery.refresh_requests WHERE integration_id = $1`, [integration.id]);
  await database.pool.query(
    `UPDATE discovery.observed_subjects SET published_version = subject_version WHERE integration_id = $1`,
    [integration.id],
  );
  await database.pool.query(`DELETE FROM graph.subjects`);
  await database.pool.query(
    `INSERT INTO graph.subjects SELECT integration_id::text, subject, published_version
       FROM discovery.observed_subjects WHERE integration_id = $1`,
    [integration.id],
  );
}

describe('in sync', () => {
  it('is not said while something lives for us that the last complete sync did not find, whatever an operator discarded', async () => {
    const accounts = Array.from({ length: 10 }, (_, index) => account(index + 1));
    await reads(accounts, found('ACTIVE'), { baseline: true });
    await completeSync({}, accounts.slice(5));
    await reads(accounts.slice(0, 5), gone);
    await settleEverything();
    expect(await doubts()).toEqual(['deletions-held']);
    expect((await proof()).unannounced.held).toBe(5);
    await discardDeletions(database.pool, integration.id);
    await settleEverything();
    expect(await doubts()).toEqual(['not-listed']);
    await reads(accounts.slice(0, 5), found('ACTIVE'));
    await settleEverything();
    expect(await doubts()).toEqual([]);
  });

  it('is as of before the sync began, since AWS may have answered with what was', async () => {
    await completeSync();
    const { inSync, syncs } = await proof();
    expect(inSync.state).toBe('proven');
    expect(inSync.asOf).toEqual(new Date(syncs.lastComplete!.startedAt.getTime() - 300_000));
    expect(inSync.sentence).toContain("tags as AWS's index had them");
  });

  it('is not said while the events of the queue are not taken in', async () => {
    await readsQueue();
    await completeSync();
    const queue = { readMsAgo: 0, failure: 'sqs:ReceiveMessage is denied.' };
    await keepProof(database.pool, integration.id, { windowSeconds: 900, staleSeconds: 300, queue });
    expect(await doubts()).toEqual(['events-unread']);
    expect((await proof()).events).toMatchObject({
      state: 'not-arriving',
      sentence: 'Events do not arrive: the queue is not taken in: sqs:ReceiveMessage is denied (none has ever come).',
    });
    await keepProof(database.pool, integration.id, { windowSeconds: 900, staleSeconds: 300, queue: { readMsAgo: 300_000 } });
    expect(await doubts()).toEqual(['events-unread']);
    expect((await proof()).events.sentence).toContain('the queue was last read 5 min ago');
    await keepProof(database.pool, integration.id, { windowSeconds: 900, staleSeconds: 300, queue: { readMsAgo: 20_000 } });
    expect(await doubts()).toEqual([]);
  });
});

describe('a proof', () => {
  it('is of one moment: what is committed while it is read is in none of it', async () => {
    const holder = await database.pool.connect();
    await holder.query('BEGIN');
    // Read before the requests are.
    await holder.query('LOCK TABLE discovery.proofs IN ACCESS EXCLUSIVE MODE');
    const reading = proof();
    await blocked();
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['core'], reason: 'related' }]);
    await holder.query('COMMIT');
    holder.release();
    expect((await reading).requests.due).toBe(0);
    expect((await proof()).requests.due).toBe(1);
  });

  it('has the time of the database, whatever our clock says', async () => {
    jest.useFakeTimers({
      now: Date.now() + 3_600_000,
      doNotFake: [
        'nextTick',
        'setImmediate',
        'setTimeout',
        'clearTimeout',
        'setInterval',
        'clearInterval',
        'performance',
        'queueMicrotask',
      ],
    });
    const { at, inSync } = await proof();
    expect(Date.now() - at.getTime()).toBeGreaterThan(3_500_000);
    expect(inSync.doubts.map(({ code }) => code)).not.toContain('not-watched');
  });
});

/** Until somebody waits for a lock. */
async function blocked(): Promise<void> {
  for (;;) {
    const { rows } = await database.pool.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (rows[0]!.count > 0) return;
  }
}

describe('a broken way', () => {
  const at = (milliseconds: number): string => `${new Date(Date.now() + milliseconds).toISOString().slice(0, 19)}Z`;
  async function comes(eventTime: string, more: { eventID?: string } = {}): Promise<void> {
    const event = JSON.parse(moveOf(more)) as { detail: object };
    const body = JSON.stringify({ ...event, detail: { ...event.detail, eventTime } });
    const taken = await takeIn(database.pool, integration, [{ id: crypto.randomUUID(), body }]);
    const arrival = arrivalOf(taken.flat());
    if (arrival) await noteEventArrival(database.pool, integration.id, arrival);
  }
  const state = async () => (await proof()).events.state;

  it('is not whole because an old event comes late, and is when one came that happened since', async () => {
    await readsQueue();
    await keepPathJudgement(database.pool, integration.id, { state: 'broken', findings: ['the rule is disabled'] });
    await comes(at(-60_000));
    expect(await state()).toBe('not-arriving');
    await comes(at(3_600_000));
    expect(await state()).toBe('arriving');
    // It claimed the future, and counts as of when it came.
    await keepPathJudgement(database.pool, integration.id, { state: 'broken', findings: ['the rule is disabled'] });
    expect(await state()).toBe('not-arriving');
  });

  it('is not whole because an event comes again', async () => {
    await readsQueue();
    const eventID = crypto.randomUUID();
    await comes(at(-5_000), { eventID });
    const { lastEventAt } = (await proof()).events;
    await database.pool.query(
      `UPDATE discovery.integrations SET last_event_at = last_event_at - interval '1 minute' WHERE id = $1`,
      [integration.id],
    );
    await comes(at(-5_000), { eventID });
    expect((await proof()).events.lastEventAt).toEqual(new Date(lastEventAt!.getTime() - 60_000));
  });
});

it('events can be posted only while a replica listens', async () => {
  await database.pool.query(`DELETE FROM discovery.replicas`);
  await rotateWebhookSecret(database.pool, integration.id, { overlapHours: 0 });
  await announceReplica(database.pool, { id: crypto.randomUUID(), name: 'deaf', takesPosts: false }, 15);
  expect((await proof()).events.state).toBe('no-way');
  await announceReplica(database.pool, { id: crypto.randomUUID(), name: 'listening', takesPosts: true }, 15);
  expect((await proof()).events.state).toBe('unknown');
});

describe('a change without an event', () => {
  it('was not missed where AWS announces none, and is counted apart', async () => {
    await readsQueue();
    await reads([account(1), account(2)], found('ACTIVE'), { baseline: true });
    await reads([account(1)], found('SUSPENDED'));
    await settleMissedChanges(database.pool, integration.id, 0);
    const { unannounced, events } = await proof();
    expect(unannounced.day).toEqual({ 'updated-core': { unannounceable: 1 } });
    expect(events.state).not.toBe('lost');
  });

  it('may be a member of its own doing, and the sentence says so', async () => {
    await readsQueue();
    await reads([account(1)], found('ACTIVE'), { baseline: true });
    await reads([account(1)], found('ACTIVE', 'renamed'));
    await settleMissedChanges(database.pool, integration.id, 0);
    const { events } = await proof();
    expect(events.state).toBe('lost');
    expect(events.sentence).toContain('done by the member itself');
  });
});

describe('what is kept of syncs', () => {
  const kept = async () => {
    const { rows } = await database.pool.query<{ id: string }>(
      `SELECT id FROM discovery.full_syncs WHERE integration_id = $1 ORDER BY id`,
      [integration.id],
    );
    return rows.map(({ id }) => id);
  };

  it('is 30 days, and the newest complete one however long ago', async () => {
    await completeSync();
    const complete = await completeSync();
    await completeSync({ problems: [{ read: 'x', error: 'denied' }] });
    await database.pool.query(
      `UPDATE discovery.full_syncs SET started_at = started_at - interval '31 days' WHERE integration_id = $1`,
      [integration.id],
    );
    const recent = await completeSync({ problems: [{ read: 'x', error: 'denied' }] });
    await purgeExpired(database.pool);
    expect(await kept()).toEqual([complete, recent]);
  });

  it('goes with the integration, and so do the changes that they found', async () => {
    await completeSync();
    await reads([account(1)], found('ACTIVE'));
    await removeIntegration(database.pool, integration.id);
    await settleEverything();
    await forgetRemoved(database.pool);
    expect(await kept()).toEqual([]);
    const { rows } = await database.pool.query(`SELECT FROM discovery.found_changes WHERE integration_id = $1`, [integration.id]);
    expect(rows).toEqual([]);
  });
});
