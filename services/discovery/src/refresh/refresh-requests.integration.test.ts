import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { integrationSettings } from '../integrations/settings.js';
import { insertIntegration } from '../integrations/sql/insert-integration.js';
import { updateRecognition } from '../integrations/sql/update-integration.js';
import { migrations } from '../migrations/index.js';
import type { Integration } from '../integrations/integration.js';
import { recordReads } from '../observed/record-reads.js';
import type { PartRead } from '../observed/subject-state.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { liveSubjects } from '../observed/sql/live-subjects.js';
import { raiseClock } from '../observed/sql/raise-clock.js';
import { unpublishedSubjects } from '../observed/sql/unpublished-subjects.js';
import { markPublished } from '../observed/sql/mark-published.js';
import { settleMissedChanges } from '../proof/sql/settle-found-changes.js';
import { noteEvents } from '../intake/sql/note-events.js';
import { subjectKey } from '../subjects.js';
import { askRefresh } from './sql/ask-refresh.js';
import { claimDueRequests } from './sql/claim-due-requests.js';
import { readBacklog } from './sql/due-requests.js';
import { approveHeldDeletions, heldDeletions } from './sql/endings.js';
import { settleRequest } from './sql/settle-requests.js';

let database: TestDatabase;
let integration: Integration;
const account = (n: number) => subjectKey('account', String(n).padStart(12, '0'));
const cause = (eventId: string, eventName = 'TagResource') => ({ eventId, eventName, eventTime: '2026-11-01T00:00:00.000Z' });
const claim = () => claimDueRequests(database.pool, integration.id, { limit: 50, leaseSeconds: 60 });
const core = (version: bigint, name = 'one'): PartRead => ({
  part: 'core',
  version,
  value: { arn: `arn:aws:organizations::111122223333:account/o-exampleorgid/1`, name },
});
const changed = { publish: 'changed', baseline: false, countUnexplained: true, confirmTagsAfterSeconds: 30 } as const;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());
beforeEach(async () => {
  const id = crypto.randomUUID();
  const organizationId = `o-${id.replaceAll('-', '').slice(0, 12)}`;
  const settings = integrationSettings.parse({ name: organizationId });
  const organization = { organizationId, partition: 'aws', managementAccountId: '111122223333' };
  await insertIntegration(database.pool, { id, settings, externalId: undefined });
  await updateRecognition(database.pool, id, { ...organization, isManagementAccount: true });
  await raiseClock(database.pool, id);
  integration = { ...settings, id, ...organization };
});

describe('refresh requests', () => {
  it('become one per subject however often it is asked for, with all parts and the newest 20 causes', async () => {
    for (let turn = 0; turn < 30; turn += 1) {
      const parts = turn % 2 === 0 ? (['tags'] as const) : (['core', 'placement'] as const);
      await askRefresh(database.pool, integration.id, [
        { subject: account(1), parts, reason: 'event', cause: cause(`e${turn}`) },
      ]);
    }
    const [request, ...others] = await claim();
    expect(others).toEqual([]);
    expect(request?.parts).toEqual(['core', 'placement', 'tags']);
    expect(request?.causes.map(({ eventId }) => eventId)).toEqual(Array.from({ length: 20 }, (_, index) => `e${index + 10}`));
  });

  it('stay when they were asked for again while they were being read, and are due at once', async () => {
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['core'], reason: 'event' }]);
    const [claimed] = await claim();
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['tags'], reason: 'event' }]);
    await settleRequest(
      database.pool,
      { integrationId: integration.id, subject: account(1), ask: claimed!.ask },
      { outcome: 'done' },
    );
    const again = await claim();
    expect(again.map(({ subject, parts }) => ({ subject, parts }))).toEqual([{ subject: account(1), parts: ['core', 'tags'] }]);
  });

  it('are claimed by one worker at a time, the most urgent first', async () => {
    await askRefresh(database.pool, integration.id, [
      { subject: account(1), parts: ['tags'], reason: 'sample' },
      { subject: account(2), parts: ['core'], reason: 'event' },
    ]);
    const first = await claimDueRequests(database.pool, integration.id, { limit: 1, leaseSeconds: 60 });
    const second = await claimDueRequests(database.pool, integration.id, { limit: 1, leaseSeconds: 60 });
    expect([first[0]?.subject, second[0]?.subject]).toEqual([account(2), account(1)]);
    expect(await claim()).toEqual([]);
  });

  it('keep waiting for a confirmation when a listing asks for the same, and come at once when an event does', async () => {
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['core'], reason: 'event' }]);
    const [claimed] = await claim();
    const key = { integrationId: integration.id, subject: account(1), ask: claimed!.ask };
    await settleRequest(database.pool, key, { outcome: 'confirm', afterSeconds: 60, notFound: 0 });
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['core'], reason: 'nominated' }]);
    expect(await claim()).toEqual([]);
    expect(await readBacklog(database.pool, integration.id)).toMatchObject({ due: 0, waiting: 1, open: 0 });
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['core'], reason: 'event' }]);
    expect(await claim()).toMatchObject([{ subject: account(1), confirmations: 0 }]);
  });
});

describe('recording what was read', () => {
  it('gives each merge a greater subject version, and leaves it unpublished until the broker acknowledged exactly that version', async () => {
    await recordReads(
      database.pool,
      integration,
      [{ subject: account(1), reads: [core(await drawVersion(database.pool, integration.id))] }],
      changed,
    );
    const [first] = await unpublishedSubjects(database.pool, integration.id, 10);
    await recordReads(
      database.pool,
      integration,
      [{ subject: account(1), reads: [core(await drawVersion(database.pool, integration.id), 'two')] }],
      changed,
    );
    await markPublished(database.pool, integration.id, [first!]);
    const [second] = await unpublishedSubjects(database.pool, integration.id, 10);
    expect(second!.subjectVersion).toBeGreaterThan(first!.subjectVersion);
    await markPublished(database.pool, integration.id, [second!]);
    expect(await unpublishedSubjects(database.pool, integration.id, 10)).toEqual([]);
  });

  it('asks for the parts of a live subject that were never read', async () => {
    await recordReads(database.pool, integration, [{ subject: account(1), reads: [core(1n)] }], changed);
    expect(await claim()).toMatchObject([{ subject: account(1), parts: ['placement', 'tags'], reason: 'unread' }]);
  });

  it('takes the cause whose kind fits what changed, and counts what no event explains as missed after the window', async () => {
    await recordReads(database.pool, integration, [{ subject: account(1), reads: [core(1n)] }], { ...changed, baseline: true });
    await recordReads(
      database.pool,
      integration,
      [{ subject: account(1), reads: [core(2n, 'renamed')], causes: [cause('tagged'), cause('named', 'PutAccountName')] }],
      changed,
    );
    expect((await unpublishedSubjects(database.pool, integration.id, 10))[0]?.cause?.eventId).toBe('named');
    expect(await settleMissedChanges(database.pool, integration.id, 0)).toEqual([]);

    await recordReads(database.pool, integration, [{ subject: account(1), reads: [core(3n, 'again')] }], changed);
    expect(await settleMissedChanges(database.pool, integration.id, 0)).toEqual([{ kind: 'updated-core', count: 1 }]);
  });

  it('attributes what a full sync found to an event that was seen shortly before', async () => {
    await recordReads(database.pool, integration, [{ subject: account(1), reads: [core(1n)] }], { ...changed, baseline: true });
    await noteEvents(database.pool, integration.id, [
      {
        eventId: 'e1',
        subjects: [account(1)],
        cause: cause('e1', 'PutAccountName'),
      },
    ]);
    await recordReads(database.pool, integration, [{ subject: account(1), reads: [core(2n, 'renamed')] }], {
      ...changed,
      publish: 'all',
    });
    expect((await unpublishedSubjects(database.pool, integration.id, 10))[0]?.cause?.eventId).toBe('e1');
  });

  it('holds unannounced endings above the threshold until an operator approves them, and lets announced ones pass', async () => {
    const accounts = Array.from({ length: 10 }, (_, index) => account(index + 1));
    await recordReads(
      database.pool,
      integration,
      accounts.map((subject) => ({ subject, reads: [core(1n)] })),
      { ...changed, baseline: true },
    );
    const end = (subjects: typeof accounts, version: bigint, departureAnnounced = false) =>
      recordReads(
        database.pool,
        integration,
        subjects.map((subject) => ({ subject, departureAnnounced, reads: [{ part: 'existence', version, gone: 'not-found' }] })),
        changed,
      );
    const live = async () => (await liveSubjects(database.pool, integration.id)).size;

    await end(accounts.slice(0, 3), 2n, true);
    expect(await live()).toBe(7);
    await end(accounts.slice(3, 6), 3n);
    expect(await live()).toBe(4);
    await end(accounts.slice(6, 8), 4n);
    expect(await live()).toBe(4);
    const held = await heldDeletions(database.pool, integration.id);
    expect(held.map(({ subject }) => subject)).toEqual(accounts.slice(6, 8));

    await approveHeldDeletions(database.pool, integration.id, {
      subjects: held.map(({ subject }) => subject),
      approvedBy: 'tester',
    });
    await end(accounts.slice(6, 8), 5n);
    expect(await live()).toBe(2);
  });

  it('ends with the same subjects whatever the order in which concurrent merges came', async () => {
    const reads = Array.from({ length: 40 }, (_, index) => core(BigInt(index + 1), `name-${index + 1}`));
    const shuffled = [...reads].sort(
      (left, right) => Number((left.version * 7919n) % 41n) - Number((right.version * 7919n) % 41n),
    );
    await Promise.all(
      shuffled.map((read, index) =>
        recordReads(
          database.pool,
          integration,
          [
            { subject: account((index % 2) + 1), reads: [read] },
            { subject: account(3), reads: [read] },
          ],
          changed,
        ),
      ),
    );
    const state = (await liveSubjects(database.pool, integration.id)).get(account(3));
    expect(state?.parts.core?.value).toMatchObject({ name: 'name-40' });
  });
});
