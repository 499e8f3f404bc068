import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { inTransaction, migrate } from '@orgtrail/database';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { applyBatch } from './apply-batch.js';
import { accountChange, endedChange, pendingGiven, recordOf, scope, type GivenChange } from './changes.fixture.js';
import { readHistory, type HistoryRow } from './feed/sql/read-history.js';
import { foldHistory, type FoldingOptions } from './fold-history.js';
import { ensureHistoryPartitions } from './history-months.js';
import { migrations } from './migrations/index.js';
import { eraseEmail } from './sql/change-scope.js';

jest.setTimeout(60_000);

const january = Date.UTC(2026, 0, 10);
const march = Date.UTC(2026, 2, 10);
const june = Date.UTC(2026, 5, 10);
/** Keeps May and June. */
const keptFromMay: FoldingOptions = { now: new Date(june), months: 1, feedIsOn: false };

describe('dropping old months of the history', () => {
  let database: TestDatabase;
  let offset = 0;
  beforeEach(async () => {
    database = await createTestDatabase();
    await migrate(database.pool, { schema: 'graph', migrations });
    // As if everybody had been watched since ever: what is written here is told to be of months ago.
    await database.pool.query(`ALTER TABLE graph.scopes ALTER COLUMN history_from DROP DEFAULT`);
    for (const month of [0, 2, 5]) await ensureHistoryPartitions(database.pool, new Date(Date.UTC(2026, month, 1)));
  });
  afterEach(() => database.drop());

  const version = (time: number): bigint => BigInt(time) * 1000n;
  const apply = async (...changes: GivenChange[]): Promise<void> => {
    await applyBatch(database.pool, {
      position: { group: 'writer', topic: 'changes', partition: 0 },
      records: changes.map((change) => ({ record: recordOf(null, offset++), change: pendingGiven(change) })),
      now: new Date(),
    });
  };
  /** As if it had been written at that time. */
  const applyAt = async (time: number, ...changes: GivenChange[]): Promise<void> => {
    await apply(...changes);
    await database.pool.query(`UPDATE graph.changes SET at = $1 WHERE at > now() - interval '1 hour'`, [new Date(time)]);
  };
  const rowsOf = async <T>(sql: string, values: unknown[] = []): Promise<T[]> =>
    (await database.pool.query(sql, values)).rows as T[];
  const asOf = (time: number): Promise<{ key: string; name: string }[]> =>
    rowsOf(`SELECT key, display_name AS name FROM graph.as_of($1, $2) ORDER BY key`, [scope, new Date(time)]);
  const partitions = async (): Promise<string[]> =>
    (
      await rowsOf<{ name: string }>(
        `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'graph.changes'::regclass ORDER BY 1`,
      )
    ).map(({ name }) => name);

  /** The rows that the feed has to publish from a place on. */
  const unpublished = ([at, of]: [at: number, of: bigint]): Promise<HistoryRow[]> =>
    inTransaction(database.pool, async (client) => {
      const rows: HistoryRow[] = [];
      const published = { at: new Date(at).toISOString(), version: of, key: 'z' };
      for await (const page of readHistory(client, { scope, published }, 2)) rows.push(...page);
      return rows;
    });

  const [changing, ended, still, late] = ['111111111111', '222222222222', '333333333333', '444444444444'];
  const sync = { id: 12, kind: 'full' };
  /** One account that changes in each month, one that ends in March, one that never changes. */
  async function life(): Promise<void> {
    const at = (time: number, name: string) => ({ version: version(time), name });
    await applyAt(
      january,
      accountChange(changing, at(january, 'in January')),
      accountChange(ended, at(january, 'ended')),
      accountChange(still, { ...at(january, 'still'), foundBy: sync }),
    );
    await applyAt(
      march,
      accountChange(changing, at(march, 'in March')),
      endedChange(`account:${ended}`, { version: version(march), reason: 'LEFT' }),
    );
    await applyAt(june, accountChange(changing, at(june, 'in June')));
  }
  const history = (): Promise<object[]> =>
    rowsOf(
      `SELECT substring(key FROM '[0-9]{12}') AS account, kind, state ->> 'displayName' AS name FROM graph.changes ORDER BY account, version`,
    );

  it('folds them into the last state of each key, and leaves what is kept as it was', async () => {
    await life();
    const kept = [Date.UTC(2026, 4, 1), june - 1, june, Date.now()];
    const before = await Promise.all(kept.map(asOf));
    const folding = await foldHistory(database.pool, keptFromMay);
    expect(folding).toMatchObject({ outcome: 'folded', until: new Date('2026-05-01T00:00:00Z'), rows: { kept: 3, folded: 5 } });
    expect(await Promise.all(kept.map(asOf))).toEqual(before);
    expect(await history()).toEqual([
      { account: changing, kind: 'BASELINE', name: 'in March' },
      { account: changing, kind: 'UPDATED', name: 'in June' },
      { account: ended, kind: 'ENDED', name: null },
      { account: still, kind: 'CREATED', name: 'still' },
    ]);
    expect(await rowsOf(`SELECT found_by FROM graph.changes WHERE found_by IS NOT NULL`)).toEqual([{ found_by: sync }]);
    expect(await partitions()).toEqual([
      'graph.changes_2026_05',
      'graph.changes_2026_06',
      'graph.changes_2026_07',
      'graph.changes_2026_08',
      'graph.changes_default',
      'graph.changes_until_2026_05',
    ]);
  });

  it('lets as_of say from when on the history is kept, for every time before', async () => {
    await life();
    await foldHistory(database.pool, keptFromMay);
    await expect(asOf(march - 1)).rejects.toMatchObject({
      code: 'OT001',
      message: expect.stringContaining('is kept from 2026-03-10'),
    });
    expect(await asOf(march)).toHaveLength(2);
  });

  it('leaves a scope alone of which it drops nothing', async () => {
    await applyAt(january, accountChange(still, { version: version(january), name: 'still' }));
    expect(await foldHistory(database.pool, keptFromMay)).toMatchObject({ outcome: 'folded', rows: { kept: 1, folded: 1 } });
    expect(await asOf(january - 1)).toEqual([]);
    expect(await asOf(january)).toHaveLength(1);
  });

  it('goes on month by month, and has nothing to do in between', async () => {
    await life();
    const months = (now: number) => ({ ...keptFromMay, now: new Date(now) });
    expect(await foldHistory(database.pool, months(march))).toMatchObject({ outcome: 'folded', rows: { kept: 3, folded: 3 } });
    expect(await foldHistory(database.pool, months(march))).toEqual({ outcome: 'nothing', unpublished: [] });
    const before = await asOf(june);
    expect(await foldHistory(database.pool, months(Date.UTC(2026, 6, 20)))).toMatchObject({
      outcome: 'folded',
      rows: { kept: 3 },
    });
    expect((await partitions()).filter((name) => name.includes('until'))).toEqual(['graph.changes_until_2026_06']);
    expect(await asOf(june)).toEqual(before);
    // More months are to be kept than there are: what is gone does not come back.
    expect(await foldHistory(database.pool, { ...months(june), months: 5 })).toEqual({ outcome: 'nothing', unpublished: [] });
  });

  it('takes what is older than any month along', async () => {
    await applyAt(january, accountChange(changing, { version: 5n, name: 'first' }));
    await applyAt(january + 1, accountChange(changing, { version: 6n, name: 'second' }));
    expect(await foldHistory(database.pool, keptFromMay)).toMatchObject({ outcome: 'folded', rows: { kept: 1, folded: 2 } });
    expect(await history()).toEqual([{ account: changing, kind: 'BASELINE', name: 'second' }]);
  });

  it('takes records afterwards as before: an older one changes nothing, a new account of an old time has its place', async () => {
    await life();
    await foldHistory(database.pool, keptFromMay);
    const folded = await history();
    await apply(
      accountChange(changing, { version: version(january) + 1n, name: 'late' }),
      accountChange(ended, { version: version(january) + 1n, name: 'late' }),
    );
    expect(await history()).toEqual(folded);
    await apply(accountChange(late, { version: version(january), name: 'late' }));
    expect(await history()).toEqual([...folded, { account: late, kind: 'CREATED', name: 'late' }]);
    await apply(accountChange(ended, { version: version(june), name: 'again' }));
    expect(await history()).toContainEqual({ account: ended, kind: 'RETURNED', name: 'again' });
  });

  it('keeps what the feed has not published, from its month on, and goes on when that has', async () => {
    await life();
    const withFeed = { ...keptFromMay, feedIsOn: true };
    const before = await history();
    expect(await foldHistory(database.pool, withFeed)).toEqual({ outcome: 'nothing', unpublished: [scope] });
    await database.pool.query(`INSERT INTO graph.feed_positions (scope, at, version, key) VALUES ($1, $2, 0, '')`, [
      scope,
      new Date(march),
    ]);
    // Off now, but it was on: it will go on from there.
    const folding = await foldHistory(database.pool, keptFromMay);
    expect(folding).toMatchObject({ outcome: 'folded', until: new Date('2026-03-01T00:00:00Z'), unpublished: [scope] });
    expect(await history()).toEqual(before);
    await database.pool.query(`UPDATE graph.feed_positions SET version = $1, key = 'z'`, [version(march).toString()]);
    expect(await foldHistory(database.pool, withFeed)).toMatchObject({ outcome: 'folded', rows: { kept: 3 }, unpublished: [] });
  });

  it('keeps whole what was written later with an old version, also what the feed has not published of it', async () => {
    await life();
    await applyAt(june + 1, accountChange(late, { version: version(january), name: 'late' }));
    await applyAt(june + 2, accountChange(late, { version: version(january) + 1n, name: 'later' }));
    const published = [scope, new Date(march), version(march).toString(), 'z'];
    await database.pool.query(`INSERT INTO graph.feed_positions (scope, at, version, key) VALUES ($1, $2, $3, $4)`, published);
    const kept = [march, june, june + 1, june + 2];
    const before = await Promise.all(kept.map(asOf));
    const folding = await foldHistory(database.pool, { ...keptFromMay, feedIsOn: true });
    expect(folding).toMatchObject({ outcome: 'folded', rows: { kept: 3, folded: 5 }, unpublished: [] });
    expect(await Promise.all(kept.map(asOf))).toEqual(before);
    expect((await history()).slice(-2)).toEqual([
      { account: late, kind: 'CREATED', name: 'late' },
      { account: late, kind: 'UPDATED', name: 'later' },
    ]);
    expect(await unpublished([march, version(march)])).toHaveLength(3);
  });

  it('keeps nobody waiting while it reads what it drops, and loses nothing of what is done meanwhile', async () => {
    await life();
    await database.pool.query(
      `UPDATE graph.changes SET state = jsonb_set(state, '{properties,email}', '"someone@example.com"') WHERE state IS NOT NULL`,
    );
    const folding = await foldHistory(database.pool, {
      ...keptFromMay,
      beforeSwap: async () => {
        await apply(accountChange(late, { version: version(january), name: 'late' }));
        await inTransaction(database.pool, (client) =>
          eraseEmail(client, { scope, subject: 'integration', version: version(march) }),
        );
      },
    });
    expect(folding).toMatchObject({ outcome: 'folded', rows: { kept: 3, folded: 5 } });
    expect(await history()).toContainEqual({ account: late, kind: 'CREATED', name: 'late' });
    expect(
      await rowsOf(
        `SELECT state -> 'properties' ->> 'email' AS email, version FROM graph.changes WHERE state -> 'properties' ? 'email'`,
      ),
    ).toEqual([{ email: 'someone@example.com', version: version(june).toString() }]);
  });

  it('is not seen half by who asks meanwhile', async () => {
    await life();
    const before = await asOf(june);
    const asked: Promise<unknown>[] = [];
    await foldHistory(database.pool, {
      ...keptFromMay,
      beforeCommit: async () => {
        asked.push(asOf(june), unpublished([0, 0n]));
        await new Promise((resolve) => setTimeout(resolve, 300));
      },
    });
    expect(await Promise.all(asked)).toMatchObject([before, { length: 4 }]);
  });

  it('believes the earlier of two clocks', async () => {
    const now = Date.now();
    await ensureHistoryPartitions(database.pool, new Date(now));
    await apply(accountChange(changing, { version: version(now), name: 'first' }));
    await apply(accountChange(changing, { version: version(now) + 1n, name: 'second' }));
    await foldHistory(database.pool, { ...keptFromMay, now: new Date(Date.UTC(2199, 0, 1)) });
    expect(await history()).toHaveLength(2);
  });

  it('leaves a baseline of which Postgres knows how large it is', async () => {
    await life();
    await foldHistory(database.pool, keptFromMay);
    const [table] = await rowsOf(`SELECT reltuples FROM pg_class WHERE oid = 'graph.changes_until_2026_05'::regclass`);
    expect(table).toEqual({ reltuples: 3 });
  });

  it('is done by one of many who begin at once', async () => {
    await life();
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => foldHistory(database.pool, keptFromMay)));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['folded', 'nothing', 'nothing', 'nothing']);
    expect(await history()).toHaveLength(4);
  });

  it('has done nothing when it is killed before its commit, and does it all the next time', async () => {
    await life();
    const before = await history();
    const killed = foldHistory(database.pool, {
      ...keptFromMay,
      beforeCommit: async (client) => {
        client.on('error', () => undefined);
        await client.query('SELECT pg_terminate_backend(pg_backend_pid())');
      },
    });
    await expect(killed).rejects.toThrow();
    expect(await history()).toEqual(before);
    expect(await foldHistory(database.pool, keptFromMay)).toMatchObject({ outcome: 'folded' });
  });

  it('gives way to whoever reads for long, and comes back', async () => {
    await life();
    const reader = await database.pool.connect();
    await reader.query('BEGIN');
    await reader.query('SELECT count(*) FROM graph.changes');
    const folding = foldHistory(database.pool, keptFromMay);
    // It waits for the reader; others are not kept for longer than it tries.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const asked = performance.now();
    await asOf(june);
    expect(performance.now() - asked).toBeLessThan(5_000);
    await reader.query('COMMIT');
    reader.release();
    expect(await folding).toMatchObject({ outcome: 'folded' });
  });

  it('ends when it is told to stop, with nothing done', async () => {
    await life();
    const reader = await database.pool.connect();
    await reader.query('BEGIN');
    await reader.query('SELECT count(*) FROM graph.changes');
    const stopping = new AbortController();
    const folding = foldHistory(database.pool, { ...keptFromMay, signal: stopping.signal });
    await new Promise((resolve) => setTimeout(resolve, 300));
    stopping.abort();
    await expect(folding).rejects.toThrow();
    await reader.query('COMMIT');
    reader.release();
    expect(await history()).toHaveLength(6);
  });
});
