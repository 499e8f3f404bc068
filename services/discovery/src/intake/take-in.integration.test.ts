import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import type { Integration } from '../integrations/integration.js';
import { migrations } from '../migrations/index.js';
import { recordReads } from '../observed/record-reads.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import type { StoredCause } from '../observed/sql/store-subjects.js';
import { unpublishedSubjects } from '../observed/sql/unpublished-subjects.js';
import { noteFoundChanges } from '../proof/sql/note-found-changes.js';
import { subjectKey } from '../subjects.js';
import { moveOf } from './intake.fixture.js';
import { insertTestIntegration } from '../integrations/integration.fixture.js';
import { takeIn, type TakenIn } from './take-in.js';

let database: TestDatabase;
let integration: Integration;
const account = '111122223333';

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'discovery', migrations });
});
afterAll(() => database.drop());
beforeEach(async () => {
  integration = await insertTestIntegration(database.pool, account);
});

/** A sample of CloudTrail, wrapped as EventBridge delivers it to the management account's queue. */
function delivered(file: string): string {
  const sample = JSON.parse(readFileSync(new URL(`../events/fixtures/cloudtrail/${file}`, import.meta.url), 'utf8')) as object;
  // The pages of AWS use one example id for several events.
  const detail = { ...sample, eventID: crypto.randomUUID() };
  return JSON.stringify({
    version: '0',
    id: crypto.randomUUID(),
    'detail-type': 'AWS API Call via CloudTrail',
    source: 'aws.organizations',
    account,
    detail,
  });
}
async function take(file: string): Promise<TakenIn[]> {
  const [taken = []] = await takeIn(database.pool, integration, [{ id: crypto.randomUUID(), body: delivered(file) }]);
  return taken;
}
/** What is asked for, and why. */
async function requested(): Promise<{ subject: string; causes: StoredCause[] }[]> {
  const { rows } = await database.pool.query<{ subject: string; causes: StoredCause[] }>(
    `SELECT subject, causes FROM discovery.refresh_requests WHERE integration_id = $1 ORDER BY subject`,
    [integration.id],
  );
  return rows;
}
const created = subjectKey('account', '444455556666');

describe('CreateAccount and its result', () => {
  it('are tied by their request, so that the account was created by whoever asked for it', async () => {
    expect(await take('org-create-account.json')).toMatchObject([{ outcome: 'hints', eventName: 'CreateAccount' }]);
    expect(await take('org-create-account-result-succeeded.json')).toMatchObject([
      { outcome: 'hints', eventName: 'CreateAccountResult' },
    ]);
    const requests = await requested();
    const request = requests.find(({ subject }) => subject === created);
    expect(request?.causes.map(({ eventName }) => eventName)).toEqual(['CreateAccount', 'CreateAccountResult']);
    await recordReads(
      database.pool,
      integration,
      [
        {
          subject: created,
          reads: [
            { part: 'core', version: await drawVersion(database.pool, integration.id), value: { arn: 'arn', name: 'new' } },
          ],
          causes: request?.causes ?? [],
        },
      ],
      { publish: 'changed', baseline: false, countUnexplained: true, confirmTagsAfterSeconds: 30 },
    );
    const [published] = await unpublishedSubjects(database.pool, integration.id, 10);
    expect(published?.cause).toMatchObject({ eventName: 'CreateAccount', principalArn: expect.stringMatching(/^arn:/) });
  });

  it('are tied also when the result overtakes the call', async () => {
    await take('org-create-account-result-succeeded.json');
    await take('org-create-account.json');
    const { rows } = await database.pool.query<{ subjects: string[] }>(
      `SELECT subjects FROM discovery.events WHERE integration_id = $1 AND cause ->> 'eventName' = 'CreateAccount'`,
      [integration.id],
    );
    expect(rows[0]?.subjects).toContain(created);
  });
});

const message = (body: string) => ({ id: crypto.randomUUID(), body });
const notedIds = async () => {
  const { rows } = await database.pool.query<{ event_id: string }>(
    `SELECT event_id FROM discovery.events WHERE integration_id = $1 ORDER BY event_id`,
    [integration.id],
  );
  return rows.map(({ event_id }) => event_id);
};
const quarantined = async () => {
  const { rows } = await database.pool.query<{ message_id: string; reason: string }>(
    `SELECT message_id, reason FROM discovery.quarantined_messages WHERE integration_id = $1 ORDER BY id`,
    [integration.id],
  );
  return rows;
};

describe('several messages taken in together', () => {
  it('keep their order, know what came twice, and ask once for each subject', async () => {
    const [first, second] = [crypto.randomUUID(), crypto.randomUUID()];
    const [a, again, b, foreign, noEvent, read] = [
      message(moveOf({ eventID: first })),
      message(moveOf({ eventID: first })),
      message(moveOf({ eventID: second })),
      message(moveOf({ from: '999988887777' })),
      message('no JSON'),
      message(JSON.stringify({ account, detail: { eventName: 'ListAccounts' } })),
    ];
    const taken = await takeIn(database.pool, integration, [a, again, b, foreign, noEvent, read]);
    expect(taken.flat().map(({ outcome, reason }) => reason ?? outcome)).toEqual([
      'hints',
      'repeated',
      'hints',
      'foreign-account',
      'not-json',
      'read-only',
    ]);
    expect(await notedIds()).toEqual([first, second].sort());
    expect(await quarantined()).toEqual(
      [
        { message_id: foreign.id, reason: 'foreign-account' },
        { message_id: noEvent.id, reason: 'not-json' },
      ].sort((left, right) => (left.message_id < right.message_id ? -1 : 1)),
    );
    const requests = await requested();
    expect(requests.map(({ subject, causes }) => [subject, causes.map(({ eventId }) => eventId)])).toEqual([
      [created, [first, second]],
    ]);
  });

  it('are not kept out by one that the database cannot hold', async () => {
    const [good, better] = [crypto.randomUUID(), crypto.randomUUID()];
    const poison = message(moveOf({ principalArn: 'half a character: \ud800' }));
    const taken = await takeIn(database.pool, integration, [
      message(moveOf({ eventID: good })),
      poison,
      message(moveOf({ eventID: better })),
    ]);
    expect(taken.flat().map(({ outcome, reason }) => reason ?? outcome)).toEqual(['hints', 'unstorable', 'hints']);
    expect(await notedIds()).toEqual([good, better].sort());
    expect(await quarantined()).toEqual([{ message_id: poison.id, reason: 'unstorable' }]);
  });

  it('fill the quarantine only so far, whatever is refused: the oldest go, and of each the first 64 KiB stay', async () => {
    const oldest = message('the oldest');
    await takeIn(database.pool, integration, [oldest, message('\u0000ü'.repeat(100_000))]);
    await takeIn(
      database.pool,
      integration,
      Array.from({ length: 1022 }, () => message('no JSON')),
    );
    const kept = async () => {
      const { rows } = await database.pool.query<{ count: number; bytes: number; oldest: boolean }>(
        `SELECT count(*)::int, max(octet_length(body))::int AS bytes, bool_or(message_id = $2) AS oldest
           FROM discovery.quarantined_messages WHERE integration_id = $1`,
        [integration.id, oldest.id],
      );
      return rows[0];
    };
    const full = await kept();
    expect(full).toMatchObject({ count: 1024, oldest: true });
    expect(full?.bytes).toBeLessThanOrEqual(65_536);
    expect(full?.bytes).toBeGreaterThan(65_000);
    const more = () => takeIn(database.pool, integration, [message('no JSON'), message('no JSON')]);
    await Promise.all([more(), more(), more()]);
    await more();
    expect(await kept()).toMatchObject({ count: 1024, oldest: false });
  });

  it('are all taken in when others take in the same ones at the same time', async () => {
    const accounts = Array.from({ length: 20 }, (_, index) => String(300000000000 + index));
    const events = accounts.map((accountId) => moveOf({ accountId }));
    const taken = await Promise.all(
      Array.from({ length: 6 }, (_, turn) => {
        const turned = turn % 2 === 0 ? events : events.toReversed();
        return takeIn(database.pool, integration, turned.map(message));
      }),
    );
    const outcomes = taken.flat(2).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === 'hints')).toHaveLength(20);
    expect(outcomes.filter((outcome) => outcome === 'repeated')).toHaveLength(100);
    expect(await notedIds()).toHaveLength(20);
  });
});

describe('the times of an event', () => {
  const timesOf = async () => {
    const { rows } = await database.pool.query<{ cause: { eventTime?: string; sentAt?: string; receivedAt?: string } }>(
      `SELECT cause FROM discovery.events WHERE integration_id = $1`,
      [integration.id],
    );
    return rows[0]?.cause;
  };

  it('are when it happened, when the queue took it, and when we did', async () => {
    const before = new Date().toISOString();
    const sentAt = new Date('2026-11-24T12:00:21.345Z');
    await takeIn(database.pool, integration, [{ ...message(moveOf()), sentAt }]);
    const times = await timesOf();
    expect(times).toMatchObject({ eventTime: '2026-11-24T12:00:03.000Z', sentAt: '2026-11-24T12:00:21.345Z' });
    expect(times!.receivedAt! >= before).toBe(true);
  });

  it("have EventBridge's own where no queue was between", async () => {
    await takeIn(database.pool, integration, [message(moveOf())]);
    expect((await timesOf())?.sentAt).toBe('2026-11-24T12:00:20.000Z');
  });
});

describe('what a sync found changed', () => {
  it('is explained by an event that comes soon after, and by that alone whose kind can have caused it', async () => {
    const change = { kind: 'updated', changedParts: ['placement', 'tags'], changedFields: [] } as const;
    await noteFoundChanges(database.pool, integration.id, [{ subject: created, change }], 7n);
    await takeIn(database.pool, integration, [{ id: 'm', body: moveOf({ accountId: '444455556666' }) }]);
    const { rows } = await database.pool.query(
      `SELECT kind, outcome FROM discovery.found_changes WHERE integration_id = $1 ORDER BY kind`,
      [integration.id],
    );
    expect(rows).toEqual([
      { kind: 'updated-placement', outcome: 'explained' },
      { kind: 'updated-tags', outcome: 'open' },
    ]);
  });
});
