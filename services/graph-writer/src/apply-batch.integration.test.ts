import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import fc from 'fast-check';
import pg from 'pg';
import { applyBatch } from './apply-batch.js';
import type { AppliedBatch } from './applied-batch.js';
import type { AppliedChange } from './applied-change.js';
import {
  accountChange,
  accountKey,
  changesOf,
  delegationChange,
  encodeChange,
  endedChange,
  nodeChange,
  nodeKey,
  pendingGiven,
  recordOf,
  type GivenChange,
} from './changes.fixture.js';
import { ensureHistoryPartitions } from './history-months.js';
import { migrations } from './migrations/index.js';
import { readChange } from './read-change.js';
import { highestVersion, readGraph, type GraphSnapshot } from './sql/read-graph.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let scope: string;
let nextOffset = 0;
const member = '444455556666';
const now = new Date('2026-11-24T12:00:00Z');
const topic = 'changes';

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool, { schema: 'graph', migrations });
  await ensureHistoryPartitions(database.pool, now);
});
afterAll(() => database.drop());
beforeEach(() => {
  scope = crypto.randomUUID();
});

interface Where {
  partition?: number;
  first?: number;
}
type Applied = AppliedBatch & { changes: AppliedChange[] };
const told = (applied: AppliedBatch): Applied => ({ ...applied, changes: changesOf(applied) });
async function apply(changes: readonly GivenChange[], { partition = 0, first }: Where = {}): Promise<Applied> {
  const from = first ?? nextOffset;
  nextOffset = Math.max(nextOffset, from + changes.length);
  const records = changes.map((change, index) => ({ record: recordOf(null, from + index), change: pendingGiven(change) }));
  return told(
    await applyBatch(database.pool, { position: { group: 'writer', topic, partition }, records, now, wantsDetails: true }),
  );
}
const account = (given: Omit<Parameters<typeof accountChange>[1], 'scope'>, id = member) =>
  accountChange(id, { scope, ...given });
const rows = async (sql: string, values: unknown[] = [scope]) => (await database.pool.query(sql, values)).rows as unknown[];
const history = () => rows('SELECT key, kind, version::int FROM graph.changes WHERE scope = $1 ORDER BY version, key');
const parentsOf = (graph: GraphSnapshot, key: string) =>
  graph.relationships
    .filter(({ toKey, type }) => toKey === key && type !== 'aws_account_has_account')
    .map(({ fromKey }) => fromKey);

describe('a batch', () => {
  it('puts entities, relationships, subjects and history into the graph, and says what it did', async () => {
    const cause = { eventId: 'e1', eventName: 'CreateAccountResult', receivedAt: '2026-11-24T11:59:58.500Z' };
    const applied = await apply([
      nodeChange('r-ab12', { scope, version: 1, name: 'Root' }),
      account({ version: 2, cause }),
      delegationChange(member, { scope, version: 3, services: ['guardduty.amazonaws.com'] }),
    ]);
    const graph = await readGraph(database.pool, scope);
    expect(graph.entities.map(({ key, type, subject, accountId }) => ({ key, type, subject, accountId }))).toEqual([
      { key: accountKey(member), type: 'aws_account', subject: `account:${member}`, accountId: member },
      { key: nodeKey('r-ab12'), type: 'aws_organization_root', subject: 'root:r-ab12', accountId: '111122223333' },
    ]);
    expect(graph.relationships.map(({ owner, type }) => `${owner} ${type}`)).toEqual([
      `account:${member} aws_account_has_account`,
      `delegation:${member} aws_account_manages_organization`,
      `account:${member} aws_organization_root_has_account`,
    ]);
    expect(await highestVersion(database.pool, scope)).toBe(3n);
    expect(applied.changes.map(({ kind, type }) => `${kind} ${type}`)).toEqual([
      'CREATED aws_organization_root',
      'CREATED aws_account',
      'CREATED delegation',
    ]);
    expect(applied.changes[1]).toMatchObject({
      scope,
      subject: `account:${member}`,
      key: accountKey(member),
      displayName: `account ${member}`,
      accountId: member,
      version: 2n,
      cause: { eventId: 'e1', eventName: 'CreateAccountResult', receivedAt: new Date(cause.receivedAt) },
      after: { displayName: `account ${member}`, relationships: [{ toKey: accountKey(member) }, { toKey: accountKey(member) }] },
    });
    expect(applied.changes[1]).not.toHaveProperty('before');
    const stored = await rows('SELECT cause, at FROM graph.changes WHERE scope = $1 AND version = 2');
    expect(stored).toEqual([{ cause, at: applied.changes[1]?.appliedAt }]);
  });

  it('keeps which sync found what, also of an ending and of a new key, and nothing of it where an event explains the change', async () => {
    const sync = { id: 12, kind: 'full', startedAt: '2026-11-25T10:00:00.250Z' };
    const cause = { eventId: 'e1', eventName: 'MoveAccount' };
    await apply([account({ version: 1, baseline: true, foundBy: sync })]);
    await apply([account({ version: 2, parent: 'ou-1', cause })]);
    await apply([account({ version: 3, parent: 'ou-1', foundBy: sync })]);
    const renamed = account({ version: 4, foundBy: { ...sync, kind: 'light' } });
    if (renamed.content.case === 'present') renamed.content.entity!.key = accountKey('444455556667');
    await apply([renamed]);
    await apply([endedChange(`account:${member}`, { scope, version: 5, foundBy: sync })]);
    expect(await rows(`SELECT kind, found_by, cause FROM graph.history WHERE scope = $1 ORDER BY version, kind`)).toEqual([
      { kind: 'BASELINE', found_by: sync, cause: null },
      { kind: 'UPDATED', found_by: null, cause },
      { kind: 'CREATED', found_by: { ...sync, kind: 'light' }, cause: null },
      { kind: 'ENDED', found_by: { ...sync, kind: 'light' }, cause: null },
      { kind: 'ENDED', found_by: sync, cause: null },
    ]);
  });

  it('keeps when AWS was asked, to the millisecond, whatever the time', async () => {
    const times = [
      '0001-01-01T00:00:00.000Z',
      '1969-12-31T23:59:59.999Z',
      '1999-12-31T23:59:59.999Z',
      '2026-11-24T12:00:00.123Z',
      '9999-12-31T23:59:59.999Z',
    ];
    for (const [index, time] of times.entries())
      await apply([{ ...account({ version: index + 1, name: time }), observedAt: new Date(time) }]);
    const kept = (await rows(
      `SELECT to_char(observed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at FROM graph.changes WHERE scope = $1 ORDER BY version`,
    )) as { at: string }[];
    expect(kept.map(({ at }) => at)).toEqual(times);
  });

  it('ends each savepoint before the next: thousands, one in the other, would take minutes', async () => {
    const said = jest.spyOn(pg.Client.prototype, 'query');
    await apply(Array.from({ length: 20 }, (_, index) => account({ version: index + 1, name: `name ${index}` })));
    let open = 0;
    let deepest = 0;
    for (const [text] of said.mock.calls as unknown as [unknown][]) {
      if (typeof text !== 'string') continue;
      if (text.startsWith('SAVEPOINT')) open += 1;
      if (text.includes('RELEASE SAVEPOINT')) open -= 1;
      deepest = Math.max(deepest, open);
    }
    said.mockRestore();
    expect(deepest).toBe(1);
    expect(await rows('SELECT count(*)::int AS count FROM graph.changes WHERE scope = $1')).toEqual([{ count: 20 }]);
  });

  it('moves an account atomically: every reader sees exactly one parent edge', async () => {
    await apply([account({ version: 1, parent: 'ou-0' })]);
    let moving = true;
    const readers = Array.from({ length: 3 }, async () => {
      const seen: number[] = [];
      while (moving) seen.push(parentsOf(await readGraph(database.pool, scope), accountKey(member)).length);
      return seen;
    });
    for (let version = 2; version <= 30; version += 1) await apply([account({ version, parent: `ou-${version % 3}` })]);
    moving = false;
    const seen = (await Promise.all(readers)).flat();
    expect(seen.length).toBeGreaterThan(3);
    expect(new Set(seen)).toEqual(new Set([1]));
    expect(parentsOf(await readGraph(database.pool, scope), accountKey(member))).toEqual([nodeKey('ou-0')]);
  });

  it('keeps ended rows as tombstones with version, when, why and by whom, and their edges dead with them', async () => {
    const cause = { eventId: 'e2', eventName: 'CloseAccount' };
    await apply([account({ version: 1 })]);
    const applied = await apply([endedChange(`account:${member}`, { scope, version: 2, cause })]);
    const endedAt = applied.changes[0]?.appliedAt;
    await apply([endedChange(`account:${member}`, { scope, version: 3 })]);
    expect(await readGraph(database.pool, scope)).toEqual({ entities: [], relationships: [] });
    expect(await rows('SELECT live, version::int, ended_at, ended_reason, cause FROM graph.entities WHERE scope = $1')).toEqual([
      { live: false, version: 2, ended_at: endedAt, ended_reason: 'NOT_FOUND', cause },
    ]);
    expect(await rows('SELECT live, version::int, ended_at, ended_reason FROM graph.subjects WHERE scope = $1')).toEqual([
      { live: false, version: 3, ended_at: endedAt, ended_reason: 'NOT_FOUND' },
    ]);
    expect(await rows('SELECT DISTINCT live, ended_at FROM graph.relationships WHERE scope = $1')).toEqual([
      { live: false, ended_at: endedAt },
    ]);
    await apply([account({ version: 4 })]);
    expect(await rows('SELECT live, ended_at, ended_reason FROM graph.entities WHERE scope = $1')).toEqual([
      { live: true, ended_at: null, ended_reason: null },
    ]);
    expect(await rows('SELECT DISTINCT live, ended_at FROM graph.relationships WHERE scope = $1')).toEqual([
      { live: true, ended_at: null },
    ]);
    expect(await history()).toMatchObject([{ kind: 'CREATED' }, { kind: 'ENDED' }, { kind: 'RETURNED' }]);
  });

  it('takes the reason of an ending that is told after it, once, and leaves the time when it ended', async () => {
    const cause = { eventId: 'e3', eventName: 'AccountDepartedOrganization' };
    const ended = (version: number, reason: 'NOT_FOUND' | 'LEFT', why = {}) =>
      endedChange(`account:${member}`, { scope, version, reason, ...why });
    await apply([account({ version: 1 })]);
    const { changes } = await apply([ended(2, 'NOT_FOUND')]);
    expect((await apply([ended(3, 'LEFT', { cause })])).changes).toMatchObject([{ kind: 'ENDED', version: 3n }]);
    expect((await apply([ended(4, 'LEFT', { cause })])).changes).toEqual([]);
    const row = { live: false, ended_at: changes[0]?.appliedAt, ended_reason: 'LEFT' };
    expect(await rows('SELECT live, version::int, ended_at, ended_reason, cause FROM graph.entities WHERE scope = $1')).toEqual([
      { ...row, version: 3, cause },
    ]);
    expect(await rows('SELECT live, version::int, ended_at, ended_reason FROM graph.subjects WHERE scope = $1')).toEqual([
      { ...row, version: 4 },
    ]);
    expect(await rows('SELECT kind, cause FROM graph.changes WHERE scope = $1 ORDER BY version')).toEqual([
      { kind: 'CREATED', cause: null },
      { kind: 'ENDED', cause: null },
      { kind: 'ENDED', cause },
    ]);
    await apply([account({ version: 5 })]);
    expect(await rows('SELECT live, ended_at, ended_reason FROM graph.entities WHERE scope = $1')).toEqual([
      { live: true, ended_at: null, ended_reason: null },
    ]);
  });

  describe('a cause that comes after its change', () => {
    const cause = { eventId: 'e4', eventName: 'TagResource', principalArn: 'arn:aws:iam::111122223333:user/ana' };
    const history = () =>
      rows(
        'SELECT version::int, kind, cause, state, explained_version::int AS explains FROM graph.changes WHERE scope = $1 ORDER BY version',
      );
    const tagged = (version: number, why: { explainedVersion?: number; cause?: typeof cause } = {}) =>
      account({ version, properties: { 'tag.team': 'a' }, ...why });
    /** As they come from the bus. */
    const fromBus = (change: GivenChange) => readChange(Buffer.from(encodeChange(change)));
    async function applyRead(change: GivenChange): Promise<AppliedBatch> {
      const read = fromBus(change);
      if (!('read' in read)) throw new Error('It is a change of a subject.');
      return applyBatch(database.pool, {
        position: { group: 'writer', topic, partition: 0 },
        records: [{ record: recordOf(null, nextOffset++), change: read }],
        now,
      });
    }

    it('stands in the history with the change a second time, once', async () => {
      await applyRead(account({ version: 1 }));
      await applyRead(tagged(2));
      expect((await applyRead(tagged(3, { explainedVersion: 2, cause }))).made).toMatchObject([{ kind: 'UPDATED' }]);
      expect((await applyRead(tagged(4, { explainedVersion: 2, cause }))).made).toEqual([]);
      // A full sync comes after it.
      expect((await applyRead(tagged(5))).unchanged).toBe(1);
      const [, found, explained, ...more] = (await history()) as Record<string, unknown>[];
      expect(found).toMatchObject({ version: 2, kind: 'UPDATED', cause: null });
      expect(explained).toEqual({ version: 3, kind: 'UPDATED', cause, state: found?.['state'], explains: 2 });
      expect(more).toEqual([]);
      expect(await rows('SELECT cause FROM graph.entities WHERE scope = $1')).toEqual([{ cause }]);
    });

    it('of a coming says so', async () => {
      await applyRead(tagged(1));
      await applyRead(tagged(2, { explainedVersion: 1, cause }));
      expect(await history()).toMatchObject([{ kind: 'CREATED' }, { kind: 'CREATED', cause }]);
    });

    it('is that of a change of its own where something else changed as well', async () => {
      await applyRead(account({ version: 1 }));
      await applyRead(tagged(2, { explainedVersion: 1, cause }));
      expect(await history()).toMatchObject([
        { kind: 'CREATED', cause: null },
        { kind: 'UPDATED', cause, explains: null },
      ]);
    });

    it('changes nothing where something happened since, or where the change has one', async () => {
      await applyRead(account({ version: 1 }));
      await applyRead(tagged(2));
      const told = { eventId: 'e5', eventName: 'UntagResource' };
      await applyRead(account({ version: 3, cause: told }));
      const before = await history();
      await applyRead(account({ version: 4, cause, explainedVersion: 2 }));
      await applyRead(account({ version: 5, cause, explainedVersion: 3 }));
      expect(await history()).toEqual(before);
    });
  });

  it('writes a tombstone for a subject nobody has seen', async () => {
    await apply([endedChange(`account:${member}`, { scope, version: 9 })]);
    await apply([account({ version: 8 })]);
    expect(await rows('SELECT subject, live, version::int, created_at FROM graph.subjects WHERE scope = $1')).toEqual([
      { subject: `account:${member}`, live: false, version: 9, created_at: null },
    ]);
    expect((await readGraph(database.pool, scope)).entities).toEqual([]);
  });

  it('advances the version of unchanged content without history, and without leaving the page (HOT)', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => String(index).padStart(12, '0'));
    const all = (version: number) => ids.map((id) => accountChange(id, { scope, version }));
    await apply(all(1));
    const [before] = (await rows('SELECT max(updated_at) AS at FROM graph.entities WHERE scope = $1')) as [{ at: Date }];
    const applied = await apply(all(2));
    expect(applied).toMatchObject({ changes: [], unchanged: 60, stale: 0 });
    expect(await rows('SELECT DISTINCT version::int, updated_at FROM graph.entities WHERE scope = $1')).toEqual([
      { version: 1, updated_at: before.at },
    ]);
    expect(await rows('SELECT DISTINCT version::int FROM graph.subjects WHERE scope = $1')).toEqual([{ version: 2 }]);
    expect(await rows('SELECT count(*)::int FROM graph.changes WHERE scope = $1')).toEqual([{ count: 60 }]);
    const indexed = await rows(
      `SELECT indexname FROM pg_indexes WHERE schemaname = 'graph' AND tablename IN ('subjects', 'entities')
          AND indexdef ~ '(version|updated_at)'`,
      [],
    );
    expect(indexed).toEqual([]);
  });

  it('heals a row that was changed by SQL with the next version, and shows the healing in the history', async () => {
    await apply([account({ version: 1, parent: 'ou-a' })]);
    const before = await readGraph(database.pool, scope);
    await database.pool.query(
      `UPDATE graph.subjects SET relationships = jsonb_set(relationships, '{0,fromKey}', '"somewhere else"') WHERE scope = $1`,
      [scope],
    );
    await database.pool.query(`UPDATE graph.entities SET properties = properties || '{"name": "by hand"}' WHERE scope = $1`, [
      scope,
    ]);
    const applied = await apply([account({ version: 2, parent: 'ou-a' })]);
    expect(await readGraph(database.pool, scope)).toEqual(before);
    expect(applied.changes).toMatchObject([
      { kind: 'UPDATED', before: { properties: { name: 'by hand' } }, after: { properties: { name: `account ${member}` } } },
    ]);
    expect(await history()).toMatchObject([{ kind: 'CREATED' }, { kind: 'UPDATED', version: 2 }]);
  });

  describe('with the content of the one before', () => {
    const encoded = (change: GivenChange) => {
      const read = readChange(Buffer.from(encodeChange(change)));
      if (!('read' in read)) throw new Error('It is a change of a subject.');
      return read;
    };
    const applyEncoded = async (...changes: GivenChange[]) => {
      const records = changes.map((change) => ({ record: recordOf(null, nextOffset++), change: encoded(change) }));
      return told(
        await applyBatch(database.pool, { position: { group: 'writer', topic, partition: 0 }, records, now, wantsDetails: true }),
      );
    };

    it('is not read at all', async () => {
      await applyEncoded(account({ version: 1 }));
      const again = {
        ...encoded(account({ version: 2 })),
        read: () => {
          throw new Error('It was read.');
        },
      };
      const applied = await applyBatch(database.pool, {
        position: { group: 'writer', topic, partition: 0 },
        records: [{ record: recordOf(null, nextOffset++), change: again }],
        now,
      });
      expect(applied).toMatchObject({ unchanged: 1, stale: 0, made: [] });
      expect(await rows('SELECT version::int FROM graph.subjects WHERE scope = $1')).toEqual([{ version: 2 }]);
    });

    it.each([
      ['an entity', `UPDATE graph.entities SET display_name = 'by hand' WHERE scope = $1`],
      ['a relationship', `UPDATE graph.entities SET relationships = relationships - 0 WHERE scope = $1`],
      ['an ending', `UPDATE graph.entities SET live = false WHERE scope = $1`],
      ['a deletion', `DELETE FROM graph.entities WHERE scope = $1`],
      ['all of them', `TRUNCATE graph.entities`],
      ['the life of the subject', `UPDATE graph.subjects SET live = false WHERE scope = $1`],
    ])('heals what was changed by SQL all the same: %s', async (_what, sql) => {
      await applyEncoded(account({ version: 1 }));
      const before = await readGraph(database.pool, scope);
      await database.pool.query(sql, sql.includes('$1') ? [scope] : []);
      expect((await applyEncoded(account({ version: 2 }))).changes).toHaveLength(1);
      expect(await readGraph(database.pool, scope)).toEqual(before);
      expect(await applyEncoded(account({ version: 3 }))).toMatchObject({ unchanged: 1 });
    });

    it('is a return after an ending, and stale where it is older', async () => {
      await applyEncoded(account({ version: 1 }), endedChange(`account:${member}`, { scope, version: 2 }));
      expect(await applyEncoded(account({ version: 1 }))).toMatchObject({ unchanged: 0, stale: 1 });
      expect((await applyEncoded(account({ version: 3 }))).changes).toMatchObject([{ kind: 'RETURNED' }]);
    });

    it('counts in its order: a change and its reversal in one batch are two changes', async () => {
      await applyEncoded(account({ version: 1, name: 'a' }));
      const applied = await applyEncoded(account({ version: 2, name: 'b' }), account({ version: 3, name: 'a' }));
      expect(applied.changes.map(({ displayName }) => displayName)).toEqual(['b', 'a']);
    });
  });

  it('counts and drops the records of a closed scope, and applies the others', async () => {
    const other = crypto.randomUUID();
    await database.pool.query('INSERT INTO graph.scopes (scope, closed) VALUES ($1, true)', [scope]);
    const applied = await apply([account({ version: 1 }), accountChange(member, { scope: other, version: 1 })]);
    expect(applied).toMatchObject({ closed: 1, changes: [{ scope: other }] });
    expect(await rows('SELECT 1 FROM graph.subjects WHERE scope = $1')).toEqual([]);
    expect((await readGraph(database.pool, other)).entities).toHaveLength(1);
  });
});

describe('a row that somebody alters by hand while it is written', () => {
  it.each(['graph.entities', 'graph.subjects'])('is written all the same: of %s', async (table) => {
    await apply([account({ version: 1, name: 'before' })]);
    const somebody = await database.pool.connect();
    try {
      await somebody.query('BEGIN');
      // The row itself, not the scope's lock: it stands elsewhere when the writer comes to it.
      await somebody.query(`UPDATE ${table} SET ended_reason = 'BY_HAND' WHERE scope = $1`, [scope]);
      const applying = apply([account({ version: 2, name: 'after' })]);
      for (;;) {
        const waiting = await rows(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%compared%'`,
          [],
        );
        if (waiting.length > 0) break;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await somebody.query('COMMIT');
      expect(await applying).toMatchObject({
        changes: [{ kind: 'UPDATED', displayName: 'after', version: 2n }],
        deadLetters: [],
      });
    } finally {
      somebody.release();
    }
    expect(await rows('SELECT version::int, ended_reason FROM graph.subjects WHERE scope = $1')).toEqual([
      { version: 2, ended_reason: null },
    ]);
    expect(await rows('SELECT display_name, ended_reason FROM graph.entities WHERE scope = $1')).toEqual([
      { display_name: 'after', ended_reason: null },
    ]);
    expect(await rows('SELECT kind FROM graph.changes WHERE scope = $1 ORDER BY version')).toEqual([
      { kind: 'CREATED' },
      { kind: 'UPDATED' },
    ]);
  });
});

describe('records that come again', () => {
  it('are a no-op after a crash between the commit and the bus offset', async () => {
    const first = nextOffset;
    const batch = [account({ version: 1, name: 'a' }), account({ version: 2, name: 'b' })];
    await apply(batch, { first });
    const [before, rowsBefore] = [await history(), await readGraph(database.pool, scope)];
    const replay = await apply([...batch, account({ version: 3, name: 'c' })], { first });
    expect(replay).toMatchObject({ replayed: 2, stale: 0, changes: [{ version: 3n }] });
    expect(rowsBefore.entities[0]?.displayName).toBe('b');
    expect(await history()).toEqual([...before, { key: accountKey(member), kind: 'UPDATED', version: 3 }]);
    expect(await rows(`SELECT next_offset::int FROM graph.consumer_offsets WHERE topic = $1 AND partition = 0`, [topic])).toEqual(
      [{ next_offset: first + 3 }],
    );
  });

  it('stand in the history once, although the guard was lost and lets them pass again', async () => {
    await apply([account({ version: 1 })]);
    const before = await history();
    await database.pool.query('DELETE FROM graph.subjects WHERE scope = $1', [scope]);
    expect(await apply([account({ version: 1 })])).toMatchObject({ stale: 0, deadLetters: [] });
    expect(await history()).toEqual(before);
    expect(await rows('SELECT live FROM graph.subjects WHERE scope = $1')).toEqual([{ live: true }]);
  });

  it('change nothing when the batch is rolled back, the offset included', async () => {
    const first = nextOffset;
    const failing = applyBatch(database.pool, {
      position: { group: 'writer', topic, partition: 1 },
      records: [{ record: recordOf(null, first), change: pendingGiven(account({ version: 1 })) }],
      now,
      judge: () => {
        throw new Error('crash before the commit');
      },
    });
    await expect(failing).rejects.toThrow('crash before the commit');
    expect(await rows(`SELECT 1 FROM graph.consumer_offsets WHERE topic = $1 AND partition = 1`, [topic])).toEqual([]);
    expect(await rows('SELECT 1 FROM graph.scopes WHERE scope = $1')).toEqual([]);
    expect(await apply([account({ version: 1 })], { first, partition: 1 })).toMatchObject({
      replayed: 0,
      changes: [{ version: 1n }],
    });
  });

  it('are taken when the topic begins anew, although their offsets were applied before', async () => {
    const at = async (offset: number, timestamp: number, change: GivenChange) =>
      told(
        await applyBatch(database.pool, {
          position: { group: 'writer', topic, partition: 2 },
          records: [{ record: recordOf(null, offset, timestamp), change: pendingGiven(change) }],
          now,
          wantsDetails: true,
        }),
      );
    await at(5000, 1_000_000, account({ version: 1 }));
    expect(await at(0, 2_000_000, account({ version: 2, name: 'new' }))).toMatchObject({
      topicBeganAnew: true,
      changes: [{ version: 2n }],
    });
    expect(await at(1, 2_000_001, account({ version: 3, name: 'newer' }))).toMatchObject({
      topicBeganAnew: false,
      changes: [{ version: 3n }],
    });
    expect(await at(0, 2_000_000, account({ version: 2, name: 'new' }))).toMatchObject({ replayed: 1, changes: [] });
  });
});

describe('two writers at once', () => {
  it('give the graph of one, with every change in the history once and in its order', async () => {
    const ids = ['000000000001', '000000000002', '000000000003'];
    const scopes = [scope, crypto.randomUUID()];
    const changes = scopes.flatMap((of) =>
      ids.flatMap((id) =>
        Array.from({ length: 12 }, (_, version) =>
          accountChange(id, { scope: of, version: version + 1, parent: `ou-${version}` }),
        ),
      ),
    );
    const writer = async (partition: number, order: readonly GivenChange[]) => {
      for (let from = 0; from < order.length; from += 5) {
        await apply(order.slice(from, from + 5), { partition, first: from });
      }
    };
    await Promise.all([
      writer(10, changes),
      writer(11, [...changes].reverse()),
      writer(
        12,
        [...changes].sort((left, right) => Number(left.version - right.version)),
      ),
    ]);
    for (const of of scopes) {
      const graph = await readGraph(database.pool, of);
      for (const id of ids) expect(parentsOf(graph, accountKey(id))).toEqual([nodeKey('ou-11')]);
    }
    const repeated = await rows(
      `SELECT key FROM (SELECT key, at, lag(at) OVER (PARTITION BY scope, key ORDER BY version) AS before FROM graph.changes WHERE scope = $1) AS ordered
        WHERE at < before`,
    );
    expect(repeated).toEqual([]);
  });

  it('take the times of a scope under its lock, so that they grow', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        applyBatch(database.pool, {
          position: { group: 'writer', topic, partition: 20 + index },
          records: [
            {
              record: recordOf(null, 0),
              change: pendingGiven(accountChange(String(index).padStart(12, '0'), { scope, version: 1 })),
            },
          ],
          now,
        }),
      ),
    );
    const [figures] = await rows(
      'SELECT count(*)::int AS changes, count(DISTINCT at)::int AS times FROM graph.changes WHERE scope = $1',
    );
    expect(figures).toEqual({ changes: 12, times: 12 });
  });

  it('go on growing when the clock of the server was set back', async () => {
    await apply([account({ version: 1 })]);
    await database.pool.query(`UPDATE graph.scopes SET last_applied_at = '2100-01-01Z' WHERE scope = $1`, [scope]);
    await apply([account({ version: 2, name: 'later' })]);
    const sql = `SELECT at > '2100-01-01Z' AS later FROM graph.changes WHERE scope = $1 ORDER BY version`;
    expect(await rows(sql)).toEqual([{ later: false }, { later: true }]);
  });
});

describe('any order and repetition of the same changes', () => {
  it('gives the same graph in Postgres', async () => {
    const all = (of: string) => [
      ...[1, 2, 3, 4].map((version) =>
        accountChange(member, { scope: of, version, parent: `ou-${version % 2}`, name: `n${version % 3}` }),
      ),
      endedChange(`account:${member}`, { scope: of, version: 5 }),
      accountChange(member, { scope: of, version: 6, parent: 'ou-1' }),
      nodeChange('ou-1', { scope: of, version: 1, name: 'one', parent: 'r-ab12' }),
      endedChange('ou:ou-1', { scope: of, version: 2 }),
      ...[1, 2, 3].map((version) =>
        delegationChange(member, { scope: of, version, services: ['a', 'b', 'c'].slice(version % 2) }),
      ),
    ];
    await apply(all(scope));
    const expected = await readGraph(database.pool, scope);
    const guards = 'SELECT subject, version, live FROM graph.subjects WHERE scope = $1 ORDER BY subject';
    const expectedGuards = await rows(guards);
    expect(expected.entities).toHaveLength(1);
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([...all('').keys()], { minLength: all('').length }),
        fc.array(fc.nat({ max: all('').length - 1 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 6 }),
        async (order, again, size) => {
          const of = crypto.randomUUID();
          const stream = [...order, ...again].map((index) => all(of)[index]!);
          while (stream.length > 0) await apply(stream.splice(0, size));
          expect(await readGraph(database.pool, of)).toEqual(expected);
          expect(await rows(guards, [of])).toEqual(expectedGuards);
        },
      ),
      { numRuns: 25 },
    );
  });
});
