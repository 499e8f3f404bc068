import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { createPool, inTransaction, isPoison, isTransient, retryTransient, waitForDatabase } from './index.js';

// Real processes on a busy machine: this is a bound for what hangs, no expectation.
jest.setTimeout(60_000);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.pool.query('CREATE TABLE notes (id integer PRIMARY KEY, note varchar(5))');
});
afterAll(() => database.drop());

const noteOf = async (id: number): Promise<unknown> => {
  const { rows } = await database.pool.query<{ note: string }>('SELECT note FROM notes WHERE id = $1', [id]);
  return rows[0]?.note;
};

describe('inTransaction', () => {
  it('commits what the work did, and hands its result on', async () => {
    const result = await inTransaction(database.pool, async (client) => {
      await client.query(`INSERT INTO notes VALUES (1, 'kept')`);
      return 'done';
    });
    expect(result).toBe('done');
    expect(await noteOf(1)).toBe('kept');
  });

  it('rolls back when the work throws, and throws the same error', async () => {
    const reason = new Error('changed my mind');
    const attempt = inTransaction(database.pool, async (client) => {
      await client.query(`INSERT INTO notes VALUES (2, 'lost')`);
      throw reason;
    });
    await expect(attempt).rejects.toBe(reason);
    expect(await noteOf(2)).toBeUndefined();
  });

  it('does not pretend success when the work swallowed the error of a statement', async () => {
    const attempt = inTransaction(database.pool, async (client) => {
      await client.query(`INSERT INTO notes VALUES (3, 'lost')`);
      await client.query('SELECT 1/0').catch(() => undefined);
    });
    await expect(attempt).rejects.toThrow('rolled back at COMMIT');
    expect(await noteOf(3)).toBeUndefined();
  });

  it('survives the loss of its connection, and the pool goes on with a new one', async () => {
    const broken: Error[] = [];
    const pool = createPool({
      connectionString: database.connectionString,
      max: 1,
      applicationName: 'killed',
      onError: (error) => broken.push(error),
    });
    try {
      const attempt = inTransaction(pool, async (client) => {
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        await database.pool.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]!.pid]);
        await client.query(`INSERT INTO notes VALUES (4, 'lost')`);
      });
      const failure: unknown = await attempt.catch((error: unknown) => error);
      expect(isTransient(failure)).toBe(true);
      expect(broken).not.toHaveLength(0);
      const again = await inTransaction(pool, (client) => client.query('SELECT 1 AS one'));
      expect(again.rows).toEqual([{ one: 1 }]);
    } finally {
      await pool.end();
    }
  });

  it('leaves no connection checked out, whatever happens', async () => {
    await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) =>
        inTransaction(database.pool, (client) => client.query(index % 2 === 0 ? 'SELECT 1' : 'SELECT nothing')),
      ),
    );
    expect(database.pool.totalCount - database.pool.idleCount).toBe(0);
  });
});

describe('errors of a real Postgres', () => {
  it.each([
    ['a value that is too long', `INSERT INTO notes VALUES (10, 'too long')`],
    ['a NUL in jsonb', `SELECT '"\\u0000"'::jsonb`],
    ['a missing value', 'INSERT INTO notes VALUES (NULL, NULL)'],
  ])('are poison for %s', async (_case, sql) => {
    const failure: unknown = await database.pool.query(sql).catch((error: unknown) => error);
    expect({ poison: isPoison(failure), transient: isTransient(failure) }).toEqual({ poison: true, transient: false });
  });

  it.each([
    ['a missing table', 'SELECT * FROM nowhere'],
    ['a syntax error', 'SELEC 1'],
    ['a statement that was cancelled', `SET statement_timeout = 20; SELECT pg_sleep(5)`],
  ])('are neither poison nor transient for %s', async (_case, sql) => {
    const failure: unknown = await database.pool.query(sql).catch((error: unknown) => error);
    expect({ poison: isPoison(failure), transient: isTransient(failure) }).toEqual({ poison: false, transient: false });
  });

  it('retryTransient runs a deadlocked transaction again until both writers are through', async () => {
    await database.pool.query(`INSERT INTO notes VALUES (20, ''), (21, '')`);
    let deadlocks = 0;
    let arrived = 0;
    let allArrived: () => void;
    const barrier = new Promise<void>((resolve) => (allArrived = resolve));
    const writer = (note: string, ids: readonly [number, number]) =>
      retryTransient(
        () =>
          inTransaction(database.pool, async (client) => {
            await client.query('UPDATE notes SET note = note || $2 WHERE id = $1', [ids[0], note]);
            arrived += 1;
            if (arrived === 2) allArrived();
            await barrier;
            await client.query('UPDATE notes SET note = note || $2 WHERE id = $1', [ids[1], note]);
          }),
        { onRetry: () => (deadlocks += 1) },
      );
    await Promise.all([writer('a', [20, 21]), writer('b', [21, 20])]);
    expect(deadlocks).toBe(1);
    expect(['ab', 'ba']).toContain(await noteOf(20));
    expect(['ab', 'ba']).toContain(await noteOf(21));
  });
});

describe('waitForDatabase', () => {
  it('resolves when Postgres answers', async () => {
    await waitForDatabase(database.pool, { timeoutMs: 5_000, label: 'DATABASE_URL' });
  });

  it('names host, port and variable when nobody listens, and never the password', async () => {
    const pool = createPool({ connectionString: 'postgres://me:geheim@127.0.0.1:1/app', applicationName: 'test' });
    const wait = waitForDatabase(pool, { timeoutMs: 300, label: 'DATABASE_URL' });
    await expect(wait).rejects.toMatchObject({
      exitCode: 69,
      message: 'Postgres at 127.0.0.1:1 (DATABASE_URL) did not answer within 0.3 s: connect ECONNREFUSED 127.0.0.1:1',
    });
    await pool.end();
  });

  it('does not wait when the password is wrong', async () => {
    const address = new URL(database.connectionString);
    address.password = 'wrong';
    const pool = createPool({ connectionString: address.href, applicationName: 'test' });
    const wait = waitForDatabase(pool, { timeoutMs: 600_000, label: 'DATABASE_URL' });
    await expect(wait).rejects.toMatchObject({ exitCode: 78 });
    await pool.end();
  });

  it('ends with the signal', async () => {
    const pool = createPool({ connectionString: 'postgres://127.0.0.1:1/app', applicationName: 'test' });
    const stop = new AbortController();
    const wait = waitForDatabase(pool, { timeoutMs: 600_000, label: 'DATABASE_URL', signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await expect(wait).rejects.toMatchObject({ name: 'AbortError' });
    await pool.end();
  });
});
