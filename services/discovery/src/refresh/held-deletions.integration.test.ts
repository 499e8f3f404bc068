import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inTransaction, migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { describeCondition } from '../integrations/describe-condition.js';
import type { Integration } from '../integrations/integration.js';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import { integrationSettings } from '../integrations/settings.js';
import { selectIntegration } from '../integrations/sql/select-integrations.js';
import { updateSettings } from '../integrations/sql/update-integration.js';
import { migrations } from '../migrations/index.js';
import { recordReads } from '../observed/record-reads.js';
import type { PartRead } from '../observed/subject-state.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { liveSubjects } from '../observed/sql/live-subjects.js';
import { subjectKey, type SubjectKey } from '../subjects.js';
import { approveDeletions, discardDeletions } from './answer-held-deletions.js';
import { claimAll } from './claims.fixture.js';
import { endingsThreshold } from './guard-endings.js';
import { askRefresh } from './sql/ask-refresh.js';
import { countEndings } from './sql/endings.js';
import { selectHeldDeletions } from './sql/held-deletions.js';
import { settleRequests } from './sql/settle-requests.js';

let database: TestDatabase;
let integration: Integration;
let accounts: SubjectKey[];

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());
beforeEach(async () => {
  integration = await insertTestIntegration(database.pool, '111122223333');
  accounts = Array.from({ length: 10 }, (_, index) => subjectKey('account', String(index + 1).padStart(12, '0')));
  await finds(accounts, { baseline: true });
});

const options = { publish: 'changed', baseline: false, countUnexplained: true, confirmTagsAfterSeconds: 30 } as const;
const version = () => drawVersion(database.pool, integration.id);
async function finds(subjects: readonly SubjectKey[], more: { baseline?: boolean } = {}): Promise<void> {
  const core: PartRead = {
    part: 'core',
    version: await version(),
    value: { arn: 'arn:aws:organizations::111122223333:account/o-exampleorgid/1', name: 'one' },
  };
  const reads = subjects.map((subject) => ({ subject, reads: [core] }));
  await recordReads(database.pool, integration, reads, { ...options, ...more });
}
async function findsNot(subjects: readonly SubjectKey[], departureAnnounced = false): Promise<void> {
  const gone: PartRead = { part: 'existence', version: await version(), gone: 'not-found' };
  const reads = subjects.map((subject) => ({ subject, departureAnnounced, reads: [gone] }));
  await recordReads(database.pool, integration, reads, options);
}
const nominates = (subjects: readonly SubjectKey[]) =>
  askRefresh(
    database.pool,
    integration.id,
    subjects.map((subject) => ({ subject, parts: ['core'], reason: 'nominated' })),
  );
const asksByEvent = (subject: SubjectKey) =>
  askRefresh(database.pool, integration.id, [{ subject, parts: ['core'], reason: 'event' }]);
const discards = async (subjects?: readonly SubjectKey[]) =>
  (await discardDeletions(database.pool, integration.id, subjects)).sort((one, other) => (one.subject < other.subject ? -1 : 1));
const live = async () => (await liveSubjects(database.pool, integration.id)).size;
const held = async () => (await selectHeldDeletions(database.pool, integration.id)).map(({ subject }) => subject);
const askedFor = async () => {
  const { rows } = await database.pool.query<{ subject: string; reason: string }>(
    `SELECT subject, reason FROM discovery.refresh_requests WHERE integration_id = $1 AND reason <> 'unread' ORDER BY subject`,
    [integration.id],
  );
  return rows;
};
const condition = async () => describeCondition((await selectIntegration(database.pool, integration.id))!).message;

describe('the threshold', () => {
  it('is the greater of a number and a percentage, whichever the integration has', () => {
    expect(endingsThreshold({ accounts: 3, percent: 5 }, 10)).toBe(3);
    expect(endingsThreshold({ accounts: 3, percent: 5 }, 1000)).toBe(50);
    expect(endingsThreshold({ accounts: 0, percent: 0 }, 1000)).toBe(0);
  });

  it('is of the accounts that were live when the 24 hours began', async () => {
    await findsNot(accounts.slice(0, 2));
    const before = await version();
    await finds([subjectKey('account', '000000000099')]);
    await database.pool.query(
      `UPDATE discovery.observed_subjects SET appeared_version = $2 WHERE integration_id = $1 AND subject = 'account:000000000099'`,
      [integration.id, before.toString()],
    );
    await inTransaction(database.pool, async (client) => {
      expect(await countEndings(client, integration.id, [accounts[5]!])).toEqual({
        endedInWindow: 2,
        candidates: 1,
        liveAccounts: 10,
      });
    });
  });

  it('holds every one where the integration says so', async () => {
    await updateSettings(
      database.pool,
      integration.id,
      integrationSettings.parse({ holdDeletionsAbove: { accounts: 0, percent: 0 } }),
    );
    await findsNot(accounts.slice(0, 1));
    expect(await held()).toEqual(accounts.slice(0, 1));
  });
});

describe('deletions are held', () => {
  it('all of them, when a listing lacks many, however they are read', async () => {
    await nominates(accounts.slice(0, 6));
    for (const account of accounts.slice(0, 6)) await findsNot([account]);
    expect(await live()).toBe(10);
    expect(await held()).toEqual(accounts.slice(0, 6));
    expect(await condition()).toContain('6 deletions wait for an operator: `orgtrail held-deletions`.');
  });

  it('until an operator answers, also when the sum is smaller later', async () => {
    await findsNot(accounts.slice(0, 4));
    await finds(accounts.slice(1, 4));
    await findsNot(accounts.slice(0, 1));
    expect(await held()).toEqual(accounts.slice(0, 1));
    expect(await live()).toBe(10);
  });

  it('and released as soon as AWS finds them again', async () => {
    await findsNot(accounts.slice(0, 5));
    await finds(accounts.slice(1, 3));
    expect(await held()).toEqual([accounts[0], accounts[3], accounts[4]]);
  });

  it('but not against an event that announces the departure', async () => {
    await findsNot(accounts.slice(0, 5));
    await findsNot(accounts.slice(0, 1), true);
    expect(await live()).toBe(9);
    expect(await held()).toEqual(accounts.slice(1, 5));
  });
});

describe('an operator', () => {
  it('approves exactly what he saw, and it ends when AWS still does not find it', async () => {
    await findsNot(accounts.slice(0, 5));
    const approved = await approveDeletions(database.pool, integration.id, {
      subjects: [...accounts.slice(0, 4), 'account:999999999999'],
      approvedBy: 'ana',
    });
    expect(approved.sort()).toEqual(accounts.slice(0, 4));
    expect(await askedFor()).toEqual(accounts.slice(0, 4).map((subject) => ({ subject, reason: 'operator' })));
    expect((await selectHeldDeletions(database.pool, integration.id))[0]).toMatchObject({ name: 'one', approvedBy: 'ana' });
    expect(await live()).toBe(10);
    // One is there again after all: the approval is over with it.
    await finds(accounts.slice(0, 1));
    expect(await held()).toEqual(accounts.slice(1, 5));
    await findsNot(accounts.slice(1, 5));
    expect(await live()).toBe(7);
    expect(await held()).toEqual([accounts[4]]);
    expect(await condition()).toContain('1 deletion waits');
  });

  it('discards these or all: nothing ends, and what the next sync lacks is judged anew', async () => {
    await findsNot(accounts.slice(0, 5));
    const { rows } = await database.pool.query<{ members_ask: string }>(`SELECT members_ask FROM discovery.integrations`);
    expect(await discards(accounts.slice(0, 2))).toEqual(accounts.slice(0, 2).map((subject) => ({ subject })));
    expect(await held()).toEqual(accounts.slice(2, 5));
    expect(await discards()).toEqual(accounts.slice(2, 5).map((subject) => ({ subject })));
    expect(await askedFor()).toEqual([]);
    expect(await live()).toBe(10);
    expect(await condition()).not.toContain('operator');
    const after = await database.pool.query<{ members_ask: string }>(`SELECT members_ask FROM discovery.integrations`);
    expect(after.rows).not.toEqual(rows);
    await findsNot(accounts.slice(0, 2));
    expect(await live()).toBe(8);
  });

  it('discards what was approved before as well, also after AWS did not find it once more, and is told whose approval that was', async () => {
    await findsNot(accounts.slice(0, 5));
    await nominates(accounts.slice(4, 5));
    await approveDeletions(database.pool, integration.id, { subjects: accounts.slice(0, 4), approvedBy: 'ana' });
    await settleRequests(
      database.pool,
      integration.id,
      (await claimAll(database.pool, integration.id))
        .filter(({ subject }) => subject === accounts[0])
        .map((request) => ({ ...request, settlement: { outcome: 'confirm', afterSeconds: 0, notFound: 1 } })),
    );
    await asksByEvent(accounts[3]!);
    expect(await discards()).toEqual([
      ...accounts.slice(0, 4).map((subject) => ({ subject, approvedBy: 'ana' })),
      { subject: accounts[4] },
    ]);
    // What an event asked for is still owed an answer.
    expect(await askedFor()).toEqual([{ subject: accounts[3], reason: 'event' }]);
    expect(await live()).toBe(10);
  });
});
