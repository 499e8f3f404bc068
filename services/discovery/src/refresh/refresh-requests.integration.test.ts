import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { HandshakeRead } from '@orgtrail/aws';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import { migrations } from '../migrations/index.js';
import type { Integration } from '../integrations/integration.js';
import { recordReads } from '../observed/record-reads.js';
import type { PartRead } from '../observed/subject-state.js';
import type { StoredCause } from '../observed/sql/store-subjects.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { liveSubjects } from '../observed/sql/live-subjects.js';
import { unpublishedSubjects } from '../observed/sql/unpublished-subjects.js';
import { markPublished } from '../observed/sql/mark-published.js';
import { settleMissedChanges } from '../proof/sql/settle-found-changes.js';
import { noteEvents } from '../intake/sql/note-events.js';
import { subjectKey, type Part } from '../subjects.js';
import { askRefresh, type Asking } from './sql/ask-refresh.js';
import { claimAll } from './claims.fixture.js';
import { handshakeRead } from './core-values.js';
import { claimDueRequests, renewClaims, type RefreshRequest } from './sql/claim-due-requests.js';
import { countRequests } from './sql/due-requests.js';
import { approveHeldDeletions, selectHeldDeletions } from './sql/held-deletions.js';
import { settleRequests, type Settlement } from './sql/settle-requests.js';

let database: TestDatabase;
let integration: Integration;
const account = (n: number) => subjectKey('account', String(n).padStart(12, '0'));
const cause = (eventId: string, eventName = 'TagResource') => ({ eventId, eventName, eventTime: '2026-11-01T00:00:00.000Z' });
const claim = () => claimAll(database.pool, integration.id);
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
  integration = await insertTestIntegration(database.pool, '111122223333');
});

describe('refresh requests', () => {
  const ask = (subject: ReturnType<typeof account>, ...parts: Part[]) =>
    askRefresh(database.pool, integration.id, [{ subject, parts, reason: 'event' }]);
  const settle = (request: RefreshRequest, settlement: Settlement) =>
    settleRequests(database.pool, integration.id, [{ ...request, settlement }]);
  /** Lets time pass for what was asked for. */
  const pass = (seconds: number) =>
    database.pool.query(
      `UPDATE discovery.refresh_requests SET asked_at = asked_at - make_interval(secs => $2), due_at = due_at - make_interval(secs => $2),
              first_asked_at = first_asked_at - make_interval(secs => $2), claimed_until = claimed_until - make_interval(secs => $2)
        WHERE integration_id = $1`,
      [integration.id, seconds],
    );

  it('become one per subject and call of AWS however often it is asked for, with all parts and the newest 20 causes', async () => {
    for (let turn = 0; turn < 30; turn += 1) {
      await askRefresh(database.pool, integration.id, [
        {
          subject: account(1),
          parts: turn % 2 === 0 ? ['core', 'tags'] : ['core', 'placement'],
          reason: 'event',
          cause: cause(`e${turn}`),
        },
      ]);
    }
    await pass(10);
    const requests = await claim();
    expect(requests.map(({ lane, parts }) => [lane, parts])).toEqual(
      expect.arrayContaining([
        ['account', ['core', 'placement']],
        ['tags', ['tags']],
      ]),
    );
    expect(requests).toHaveLength(2);
    const [own] = requests.filter(({ lane }) => lane === 'account');
    expect(own?.causes.map(({ eventId }) => eventId)).toEqual(Array.from({ length: 20 }, (_, index) => `e${index + 10}`));
  });

  it('are due at once when they come alone, and wait for a second without another asking when they come in swarms', async () => {
    await ask(account(1), 'core');
    await ask(account(2), 'core');
    await ask(account(2), 'core');
    expect((await claim()).map(({ subject }) => subject)).toEqual([account(1)]);
    await pass(0.9);
    await ask(account(2), 'core');
    await pass(0.2);
    expect(await claim()).toEqual([]);
    await pass(1);
    expect((await claim()).map(({ subject }) => subject)).toEqual([account(2)]);
  });

  it('of subjects that nobody knows come after those of known ones, however long they wait: events can be forged', async () => {
    const version = await drawVersion(database.pool, integration.id);
    await recordReads(database.pool, integration, [{ subject: account(9), reads: [core(version)] }], changed);
    await database.pool.query(`DELETE FROM discovery.refresh_requests WHERE integration_id = $1`, [integration.id]);
    for (const stranger of [1, 2, 3]) await ask(account(stranger), 'tags');
    await pass(60);
    await ask(account(9), 'tags');
    expect((await claimAll(database.pool, integration.id, 1)).map(({ subject }) => subject)).toEqual([account(9)]);
    await ask(account(9), 'core');
    // Of another lane, and so in nobody's way.
    const next = await claimAll(database.pool, integration.id, 2);
    expect(next.map(({ subject }) => subject).sort()).toEqual([account(1), account(2), account(9)]);
  });

  it('wait for quiet no longer than five seconds', async () => {
    for (let turn = 0; turn < 11; turn += 1) {
      await ask(account(1), 'core');
      await pass(0.5);
    }
    expect((await claim()).map(({ subject }) => subject)).toEqual([account(1)]);
  });

  it('stay when they were asked for again while they were being read', async () => {
    await ask(account(1), 'core');
    const [claimed] = await claim();
    await ask(account(1), 'placement');
    await settle(claimed!, { outcome: 'done' });
    await pass(1.1);
    expect((await claim()).map(({ subject, parts }) => ({ subject, parts }))).toEqual([
      { subject: account(1), parts: ['core', 'placement'] },
    ]);
  });

  it('are settled once: whoever reads the same at the same moment does not count a confirmation that waits', async () => {
    await ask(account(1), 'core');
    const [claimed] = await claim();
    const later: Settlement = { outcome: 'confirm', afterSeconds: 30, notFound: 0 };
    await settleRequests(database.pool, integration.id, [{ ...claimed!, settlement: later }], { claimed: false });
    await settle(claimed!, later);
    await pass(31);
    expect(await claim()).toMatchObject([{ confirmations: 1 }]);
  });

  it('are settled in batches, each in its own way', async () => {
    for (const n of [1, 2, 3, 4]) await ask(account(n), 'core', 'placement');
    const claimed = (await claim()).sort((left, right) => left.subject.localeCompare(right.subject));
    const settlements: Settlement[] = [
      { outcome: 'done' },
      { outcome: 'confirm', afterSeconds: 60, notFound: 1 },
      { outcome: 'retry', parts: ['placement'], afterSeconds: 0, error: 'no' },
      { outcome: 'give-back' },
    ];
    await settleRequests(
      database.pool,
      integration.id,
      claimed.map((request, index) => ({ ...request, settlement: settlements[index]! })),
    );
    const again = (await claim()).sort((left, right) => left.subject.localeCompare(right.subject));
    expect(again).toMatchObject([
      { subject: account(3), parts: ['placement'], attempts: 1 },
      { subject: account(4), parts: ['core', 'placement'], attempts: 0 },
    ]);
    await pass(61);
    const later = (await claim()).sort((left, right) => left.subject.localeCompare(right.subject));
    expect(later).toMatchObject([
      { subject: account(2), confirmations: 1, notFound: 1 },
      { subject: account(3) },
      { subject: account(4) },
    ]);
  });

  it('are claimed by one worker at a time, of each lane the most urgent and oldest first', async () => {
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['tags'], reason: 'sample' }]);
    await askRefresh(database.pool, integration.id, [{ subject: account(2), parts: ['tags'], reason: 'unread' }]);
    await askRefresh(database.pool, integration.id, [{ subject: account(3), parts: ['core'], reason: 'nominated' }]);
    await ask(account(4), 'core');
    await ask(account(5), 'core');
    const first = await claimAll(database.pool, integration.id, 1);
    expect(first.map(({ subject, urgency }) => `${subject} ${urgency}`).sort()).toEqual([
      `${account(2)} background`,
      `${account(3)} confirmation`,
      `${account(4)} event`,
    ]);
    expect((await claim()).map(({ subject }) => subject).sort()).toEqual([account(1), account(5)]);
    expect(await claim()).toEqual([]);
  });

  it('are left to a full sync that was asked for after them', async () => {
    await ask(account(1), 'core');
    const askedAfter = new Date(Date.now() + 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await ask(account(2), 'core');
    const wanted = [{ lane: 'account', urgency: 'event', most: 9, askedAfter }] as const;
    const claimed = await claimDueRequests(database.pool, integration.id, { wanted, leaseSeconds: 60 });
    expect(claimed.map(({ subject }) => subject)).toEqual([account(2)]);
  });

  it('stay claimed for as long as the claim is renewed', async () => {
    await ask(account(1), 'core');
    const claimed = await claim();
    await pass(59);
    await renewClaims(database.pool, integration.id, claimed, 60);
    await pass(59);
    expect(await claim()).toEqual([]);
    await pass(2);
    expect(await claim()).toHaveLength(1);
  });

  it('keep waiting for a confirmation when a listing asks for the same, and come at once when an event does', async () => {
    await ask(account(1), 'core');
    const [claimed] = await claim();
    await settle(claimed!, { outcome: 'confirm', afterSeconds: 60, notFound: 0 });
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['core'], reason: 'nominated' }]);
    expect(await claim()).toEqual([]);
    expect(await countRequests(database.pool, integration.id)).toMatchObject({ due: 0, waiting: 1, open: 0, dueByLane: {} });
    await ask(account(1), 'core');
    expect(await claim()).toMatchObject([{ subject: account(1), confirmations: 0 }]);
  });

  it('are confirmed although an operator, or somebody else, asks for the same besides', async () => {
    const askings: Asking[] = [
      { subject: account(1), parts: ['core'], reason: 'event' },
      { subject: account(1), parts: ['core'], reason: 'operator' },
      { subject: account(1), parts: ['core'], reason: 'related' },
    ];
    for (const asking of askings) await askRefresh(database.pool, integration.id, [asking]);
    await pass(10);
    expect(await claim()).toMatchObject([{ reason: 'event', urgency: 'event' }]);
    // And when they ask together.
    const together = [...askings].reverse().map((asking) => ({ ...asking, subject: account(2) }));
    await askRefresh(database.pool, integration.id, together);
    expect(await claim()).toMatchObject([{ subject: account(2), reason: 'event' }]);
  });

  it('count not-founds anew when an event asks again: the subject may have come back', async () => {
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['core'], reason: 'nominated' }]);
    const [claimed] = await claim();
    await settle(claimed!, { outcome: 'confirm', afterSeconds: 30, notFound: 1 });
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['core'], reason: 'nominated' }]);
    await pass(30);
    const [again] = await claim();
    expect(again).toMatchObject({ notFound: 1 });
    await settle(again!, { outcome: 'give-back' });
    await ask(account(1), 'core');
    expect(await claim()).toMatchObject([{ notFound: 0, reason: 'event' }]);
  });

  it('no longer announce a departure when the account has joined again since', async () => {
    const hear = (eventName: string, eventTime: string, departureAnnounced: boolean) =>
      askRefresh(database.pool, integration.id, [
        {
          subject: account(1),
          parts: ['core'],
          reason: 'event',
          cause: { eventId: eventTime, eventName, eventTime },
          departureAnnounced,
        },
      ]);
    await hear('AccountDepartedOrganization', '2026-11-01T00:00:00.000Z', true);
    const [left] = await claim();
    expect(left).toMatchObject({ departureAnnounced: true });
    await settle(left!, { outcome: 'confirm', afterSeconds: 30, notFound: 0 });
    await hear('AccountJoinedOrganization', '2026-11-01T00:00:20.000Z', false);
    expect(await claim()).toMatchObject([{ departureAnnounced: false }]);
  });

  it('keep their try and their time when a part is called unread that they have', async () => {
    await askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['tags'], reason: 'unread' }]);
    const [claimed] = await claim();
    const unread = () => askRefresh(database.pool, integration.id, [{ subject: account(1), parts: ['tags'], reason: 'unread' }]);
    await unread();
    await settle(claimed!, { outcome: 'retry', parts: ['tags'], afterSeconds: 60, error: 'no' });
    await unread();
    expect(await claim()).toEqual([]);
    await pass(61);
    expect(await claim()).toMatchObject([{ attempts: 1 }]);
  });

  it('confirm tags alone when an event moved the account: its tags were not touched', async () => {
    await ask(account(1), 'tags');
    const [tags] = await claim();
    await settle(tags!, { outcome: 'confirm', afterSeconds: 60, notFound: 0 });
    await ask(account(1), 'placement');
    expect((await claim()).map(({ lane, parts }) => ({ lane, parts }))).toEqual([{ lane: 'account', parts: ['placement'] }]);
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
    const requests = (await claim()).sort((left, right) => left.lane.localeCompare(right.lane));
    expect(requests).toMatchObject([
      { subject: account(1), parts: ['placement'], reason: 'unread' },
      { subject: account(1), parts: ['tags'], reason: 'unread' },
    ]);
  });

  it('asks for the account that an invitation became, by the event that told of it', async () => {
    const invitation = subjectKey('invitation', 'h-examplehandshakeid');
    const handshake: HandshakeRead = {
      id: 'h-examplehandshakeid',
      arn: 'arn:aws:organizations::111122223333:handshake/o-exampleorgid/invite/h-examplehandshakeid',
      action: 'INVITE',
      state: 'OPEN',
      email: 'guest@example.com',
    };
    // Whom an invitation to an e-mail address is for may be told only when it was accepted.
    const accepted = { ...handshake, state: 'ACCEPTED', accountId: '000000000001' };
    await recordReads(database.pool, integration, [{ subject: invitation, reads: [handshakeRead(handshake, 1n)] }], changed);
    await recordReads(
      database.pool,
      integration,
      [{ subject: invitation, reads: [handshakeRead(accepted, 2n)], causes: [cause('e1', 'AcceptHandshake')] }],
      changed,
    );
    expect(await claim()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ subject: account(1), parts: ['core', 'placement'], reason: 'event' }),
        expect.objectContaining({ subject: account(1), parts: ['tags'], reason: 'event' }),
        expect.objectContaining({ subject: subjectKey('delegation', '000000000001'), reason: 'event' }),
      ]),
    );
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

  it('gives a change that a sync found the cause that an event tells later, once, and none of what came after it', async () => {
    const read = async (version: bigint, name: string, causes: readonly StoredCause[] = []) => {
      await recordReads(database.pool, integration, [{ subject: account(1), reads: [core(version, name)], causes }], changed);
      const published = await unpublishedSubjects(database.pool, integration.id, 10);
      await markPublished(database.pool, integration.id, published);
      return published.map(({ subjectVersion, cause: told }) => ({ subjectVersion, told }));
    };
    await recordReads(database.pool, integration, [{ subject: account(1), reads: [core(1n)] }], { ...changed, baseline: true });
    await read(2n, 'one');
    const [found] = await read(3n, 'renamed');
    expect(found?.told).toBeUndefined();
    expect(await read(4n, 'renamed')).toEqual([]);
    expect(await read(5n, 'renamed', [cause('other kind')])).toEqual([]);
    const tomorrow = { ...cause('later', 'PutAccountName'), eventTime: new Date(Date.now() + 86_400_000).toISOString() };
    expect(await read(6n, 'renamed', [tomorrow])).toEqual([]);
    const [explained] = await read(7n, 'renamed', [cause('named', 'PutAccountName')]);
    expect(explained?.told).toMatchObject({ eventId: 'named', explainedVersion: found?.subjectVersion.toString() });
    expect(explained?.subjectVersion).toBeGreaterThan(found?.subjectVersion ?? 0n);
    expect(await read(8n, 'renamed')).toEqual([]);

    const between = new Date().toISOString();
    const [foundAgain] = await read(9n, 'again');
    // It explains what was found before.
    expect(await read(10n, 'again', [cause('named', 'PutAccountName')])).toEqual([]);
    const [explainedAgain] = await read(11n, 'again', [{ ...cause('again', 'PutAccountName'), eventTime: between }]);
    expect(explainedAgain?.told?.explainedVersion).toBe(foundAgain?.subjectVersion.toString());
  });

  it('ends with the reason that an event gives, also where the event comes after the ending, and keeps it', async () => {
    const gone = (version: bigint): PartRead => ({ part: 'existence', version, gone: 'not-found' });
    const left = { ...cause('left', 'AccountDepartedOrganization'), departure: 'LEFT' as const };
    const read = async (reads: readonly PartRead[], causes: readonly StoredCause[] = []) => {
      await recordReads(database.pool, integration, [{ subject: account(1), reads, causes }], changed);
      const published = await unpublishedSubjects(database.pool, integration.id, 10);
      await markPublished(database.pool, integration.id, published);
      return published.map(({ state, cause: told }) => [state.goneReason, told?.eventId]);
    };
    await recordReads(database.pool, integration, [{ subject: account(1), reads: [core(1n)] }], { ...changed, baseline: true });
    expect(await read([])).toEqual([[undefined, undefined]]);
    expect(await read([gone(2n)])).toEqual([['not-found', undefined]]);
    expect(await read([gone(3n)])).toEqual([]);
    expect(await read([gone(4n)], [left])).toEqual([['LEFT', 'left']]);
    expect(await read([gone(5n)], [left])).toEqual([]);
    expect(await read([gone(6n)])).toEqual([]);
    await recordReads(database.pool, integration, [{ subject: account(1), reads: [gone(7n)] }], { ...changed, publish: 'all' });
    expect((await unpublishedSubjects(database.pool, integration.id, 10))[0]?.state.goneReason).toBe('LEFT');
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
    const held = await selectHeldDeletions(database.pool, integration.id);
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
