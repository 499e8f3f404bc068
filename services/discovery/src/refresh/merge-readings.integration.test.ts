import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inTransaction, migrate } from '@orgtrail/database';
import { createLogger, createMetrics } from '@orgtrail/service-runtime';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import type { Integration } from '../integrations/integration.js';
import { migrations } from '../migrations/index.js';
import { recordReads } from '../observed/record-reads.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { unpublishedSubjects } from '../observed/sql/unpublished-subjects.js';
import { liveAmong } from '../observed/sql/live-among.js';
import type { AccountCore, PartRead } from '../observed/subject-state.js';
import { createDiscoveryMetrics } from '../proof/metrics.js';
import { subjectKey, type SubjectKey } from '../subjects.js';
import { approveDeletions, discardDeletions } from './answer-held-deletions.js';
import { claimAll } from './claims.fixture.js';
import { mergeReadings } from './merge-readings.js';
import type { SubjectReading } from './read-subject.js';
import { askRefresh, type Asking } from './sql/ask-refresh.js';
import type { RefreshRequest } from './sql/claim-due-requests.js';
import { holdDeletions } from './sql/held-deletions.js';

let database: TestDatabase;
let integration: Integration;
const account = subjectKey('account', '444455556666');

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());
beforeEach(async () => {
  integration = await insertTestIntegration(database.pool, '111122223333');
});

const recording = { publish: 'changed', baseline: false, countUnexplained: false, confirmTagsAfterSeconds: 30 } as const;
const version = () => drawVersion(database.pool, integration.id);
const core = async (more: Partial<AccountCore> = {}): Promise<PartRead> => ({
  part: 'core',
  version: await version(),
  value: { arn: 'arn:aws:organizations::111122223333:account/o-exampleorgid/444455556666', name: 'one', ...more },
});
const notFound = async (): Promise<SubjectReading> => ({
  reads: [],
  gone: { part: 'existence', version: await version(), gone: 'not-found' },
  unread: [],
});
const ask = (parts: Asking['parts'], reason: Asking['reason']) =>
  askRefresh(database.pool, integration.id, [{ subject: account, parts, reason }]);
/** Claims what is due of the account itself, not its tags. */
const claim = async (): Promise<RefreshRequest | undefined> =>
  (await claimAll(database.pool, integration.id)).find(({ lane }) => lane === 'account');
const merge = (request: RefreshRequest, reading: SubjectReading) =>
  mergeReadings(
    {
      pool: database.pool,
      integration,
      policy: { confirmAfterSeconds: [30, 300], confirmNotFoundAfterSeconds: 30, maximumRetrySeconds: 300 },
      isBaseline: () => false,
      metrics: createDiscoveryMetrics(createMetrics().meter),
      logger: createLogger({ service: 'test', level: 'silent' }),
      onMerged: () => undefined,
    },
    [{ request, reading }],
  );
const lives = async (subject: SubjectKey) => (await liveAmong(database.pool, integration.id, [subject])).has(subject);
const stored = async () => {
  const { rows } = await database.pool.query<{ parts: string[]; attempts: number; not_found: number; waits: boolean }>(
    `SELECT parts, attempts, not_found, due_at > clock_timestamp() AND claimed_until IS NULL AS waits
       FROM discovery.refresh_requests WHERE integration_id = $1 AND lane = 'account'`,
    [integration.id],
  );
  return rows;
};

describe('a subject of which a part cannot be read', () => {
  const denied = async (): Promise<SubjectReading> => ({
    reads: [await core()],
    unread: [{ part: 'placement', error: new Error('AccessDenied') }],
  });

  it.each([
    ['of what was never read', ['placement'], 'unread', ['placement']],
    ['of an event', ['core', 'placement'], 'event', ['core', 'placement']],
    ['of an event that touched the rest', ['core'], 'event', ['core', 'placement']],
  ] as const)('waits longer with each try, and its failures are counted: the request %s', async (_, parts, reason, kept) => {
    await ask(parts, reason);
    for (let attempts = 1; attempts <= 4; attempts += 1) {
      const request = await claim();
      await merge(request!, await denied());
      expect(await stored()).toEqual([{ parts: [...kept], attempts, not_found: 0, waits: true }]);
      expect(await claim()).toBeUndefined();
      await database.pool.query(`UPDATE discovery.refresh_requests SET due_at = clock_timestamp() WHERE integration_id = $1`, [
        integration.id,
      ]);
    }
  });

  it('is not hurried by a sync that finds the same part unread', async () => {
    await ask(['placement'], 'unread');
    await merge((await claim())!, await denied());
    await recordReads(database.pool, integration, [{ subject: account, reads: [await core()] }], recording);
    expect(await stored()).toEqual([{ parts: ['placement'], attempts: 1, not_found: 0, waits: true }]);
  });

  it('is asked for again when what was read of it is older than its return', async () => {
    await ask(['core', 'placement'], 'related');
    const request = await claim();
    const late: SubjectReading = {
      reads: [{ part: 'placement', version: await version(), value: { parentId: 'r-abcd', ancestorIds: ['r-abcd'] } }],
      unread: [],
    };
    const gone = await notFound();
    await recordReads(database.pool, integration, [{ subject: account, reads: [gone.gone!] }], recording);
    await recordReads(database.pool, integration, [{ subject: account, reads: [await core()] }], recording);
    await merge(request!, late);
    expect(await claim()).toMatchObject({ parts: ['placement'], reason: 'unread' });
  });
});

it('an account that AWS shows in two places is read once: its place was answered', async () => {
  await ask(['core', 'placement'], 'related');
  const conflictingPaths = ['o-a/r-abcd/', 'o-a/r-abcd/ou-abcd-11111111/'];
  await merge((await claim())!, { reads: [await core({ conflictingPaths })], unread: [] });
  expect(await stored()).toEqual([]);
  // Once AWS has made up its mind, the place is asked for where no path tells it.
  await recordReads(database.pool, integration, [{ subject: account, reads: [await core()] }], recording);
  expect(await claim()).toMatchObject({ parts: ['placement'], reason: 'unread' });
});

describe('one not-found', () => {
  it('ends nothing that a sync records at the same moment: whether it lives is decided under the lock', async () => {
    const found = await core();
    await ask(['core', 'placement'], 'related');
    const request = await claim();
    const gone = await notFound();
    const reached = Promise.withResolvers<true>();
    const finished = Promise.withResolvers<true>();
    const sync = recordReads(database.pool, integration, [{ subject: account, reads: [found] }], {
      ...recording,
      publish: 'all',
      alongside: async () => {
        reached.resolve(true);
        await finished.promise;
      },
    });
    await reached.promise;
    const merging = merge(request!, gone);
    await someoneWaitsForALock();
    finished.resolve(true);
    await Promise.all([sync, merging]);
    expect(await lives(account)).toBe(true);
    // The sync asked again meanwhile for what it did not read, or the not-found waits for its confirmation: in no case is it forgotten.
    expect(await stored()).toHaveLength(1);
  });

  it.each(['an operator discards it', 'somebody asks again'] as const)(
    'ends nothing when %s while AWS is being asked, though it was not found before',
    async (decision) => {
      await recordReads(database.pool, integration, [{ subject: account, reads: [await core()] }], recording);
      await inTransaction(database.pool, (client) => holdDeletions(client, integration.id, [account]));
      await approveDeletions(database.pool, integration.id, { subjects: [account], approvedBy: 'ana' });
      await merge((await claim())!, await notFound());
      await database.pool.query(`UPDATE discovery.refresh_requests SET due_at = clock_timestamp() WHERE integration_id = $1`, [
        integration.id,
      ]);
      const request = await claim();
      const gone = await notFound();
      if (decision === 'an operator discards it') await discardDeletions(database.pool, integration.id);
      else await ask(['core'], 'event');
      await merge(request!, gone);
      expect(await lives(account)).toBe(true);
    },
  );

  it('is kept about whom nobody knows, so that an older listing does not revive it', async () => {
    const older = await core();
    await ask(['core'], 'related');
    await merge((await claim())!, await notFound());
    expect(await stored()).toEqual([]);
    await recordReads(database.pool, integration, [{ subject: account, reads: [older] }], recording);
    expect(await lives(account)).toBe(false);
  });
});

async function someoneWaitsForALock(): Promise<void> {
  for (;;) {
    const { rows } = await database.pool.query<{ waits: boolean }>(
      `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock') AS waits`,
    );
    if (rows[0]?.waits === true) return;
  }
}

it('a change that only a confirmation shows is marked so: until then AWS answered with what was', async () => {
  const cause = { eventId: 'e', eventName: 'CloseAccount', receivedAt: new Date().toISOString() };
  const marked = async () => (await unpublishedSubjects(database.pool, integration.id, 10))[0]?.cause?.isConfirmed;
  const closes = async (state: string): Promise<void> => {
    await merge((await claim())!, { reads: [await core({ state })], unread: [] });
    await database.pool.query(`UPDATE discovery.refresh_requests SET due_at = clock_timestamp() WHERE integration_id = $1`, [
      integration.id,
    ]);
  };
  const subjects = [{ subject: account, reads: [await core({ state: 'ACTIVE' })] }];
  await recordReads(database.pool, integration, subjects, { ...recording, baseline: true });
  await askRefresh(database.pool, integration.id, [{ subject: account, parts: ['core'], reason: 'event', cause }]);
  await closes('PENDING_CLOSURE');
  expect((await unpublishedSubjects(database.pool, integration.id, 10))[0]?.cause?.eventName).toBe('CloseAccount');
  expect(await marked()).toBeUndefined();
  await closes('CLOSED');
  expect(await marked()).toBe(true);
});
