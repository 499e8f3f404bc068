import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@orgtrail/testkit';
import { createPool, isTransient, migrate, MigrationError, type Migration } from './index.js';

// Real processes on a busy machine: this is a bound for what hangs, no expectation.
jest.setTimeout(60_000);

const first: Migration = { id: 1, name: 'things', sql: 'CREATE TABLE app.things (id integer PRIMARY KEY)' };
const second: Migration = { id: 2, name: 'a thing', sql: 'INSERT INTO app.things VALUES (1); INSERT INTO app.things VALUES (2)' };
const third: Migration = { id: 3, name: 'names', sql: 'ALTER TABLE app.things ADD COLUMN name text' };

describe('migrate', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(() => database.drop());

  const idsInDatabase = async (): Promise<number[]> => {
    const { rows } = await database.pool.query<{ id: number }>('SELECT id FROM app.migrations ORDER BY id');
    return rows.map(({ id }) => id);
  };

  it('applies what is missing in order, and says which', async () => {
    expect(await migrate(database.pool, { schema: 'app', migrations: [first] })).toEqual({ applied: [1] });
    expect(await migrate(database.pool, { schema: 'app', migrations: [first, second, third] })).toEqual({ applied: [2, 3] });
    expect(await migrate(database.pool, { schema: 'app', migrations: [first, second, third] })).toEqual({ applied: [] });
    const { rows } = await database.pool.query('SELECT id, name FROM app.things ORDER BY id');
    expect(rows).toEqual([
      { id: 1, name: null },
      { id: 2, name: null },
    ]);
  });

  it('applies each migration exactly once when twenty replicas start at once', async () => {
    // One connection each and a short statement timeout: the waiting for the lock must not count as a slow statement.
    const pools = Array.from({ length: 20 }, (_, index) =>
      createPool({
        connectionString: database.connectionString,
        max: 1,
        applicationName: `replica ${index}`,
        statementTimeoutMs: 250,
      }),
    );
    try {
      const slow: Migration = {
        id: 1,
        name: 'things',
        sql: `SET LOCAL statement_timeout = 0; SELECT pg_sleep(0.4); ${first.sql}`,
      };
      const outcomes = await Promise.all(
        pools.map((pool) => migrate(pool, { schema: 'app', migrations: [slow, second, third] })),
      );
      expect(outcomes.flatMap(({ applied }) => applied).sort((a, b) => a - b)).toEqual([1, 2, 3]);
      expect(await idsInDatabase()).toEqual([1, 2, 3]);
      const { rows } = await database.pool.query('SELECT count(*)::integer AS things FROM app.things');
      expect(rows).toEqual([{ things: 2 }]);
    } finally {
      await Promise.all(pools.map((pool) => pool.end()));
    }
  });

  it('keeps what succeeded when a later migration fails, and tells which one and why', async () => {
    const broken: Migration = { id: 2, name: 'broken', sql: 'CREATE TABLE app.half (); INSERT INTO app.nowhere VALUES (1)' };
    const failure = migrate(database.pool, { schema: 'app', migrations: [first, broken, third] });
    await expect(failure).rejects.toThrow('Migration 2 "broken" of schema app failed: relation "app.nowhere" does not exist');
    expect(await idsInDatabase()).toEqual([1]);
    const { rows } = await database.pool.query(`SELECT to_regclass('app.half') AS half`);
    expect(rows).toEqual([{ half: null }]);
  });

  it('lets an older version run beside a newer migration that is not breaking', async () => {
    await migrate(database.pool, { schema: 'app', migrations: [first, second, third] });
    expect(await migrate(database.pool, { schema: 'app', migrations: [first, second] })).toEqual({ applied: [] });
  });

  it('refuses to run an older version on a newer breaking migration', async () => {
    await migrate(database.pool, { schema: 'app', migrations: [first, second, { ...third, breaking: true }] });
    const failure = migrate(database.pool, { schema: 'app', migrations: [first, second] });
    await expect(failure).rejects.toBeInstanceOf(MigrationError);
    await expect(migrate(database.pool, { schema: 'app', migrations: [first] })).rejects.toThrow(
      'Schema app was migrated by a newer version of Orgtrail: its migration 3 "names" is breaking, and this version knows migrations up to 1.',
    );
    // Nothing was applied on the way to the refusal.
    expect(await idsInDatabase()).toEqual([1, 2, 3]);
  });

  it('refuses two migrations that share an id', async () => {
    await migrate(database.pool, { schema: 'app', migrations: [first] });
    await expect(migrate(database.pool, { schema: 'app', migrations: [{ ...first, name: 'other' }] })).rejects.toThrow(
      'Migration 1 of schema app is "things" in the database and "other" in this version',
    );
    await expect(migrate(database.pool, { schema: 'app', migrations: [first, { ...second, id: 1 }] })).rejects.toThrow(
      'must have ascending ids',
    );
  });

  it('works for a role that may not create schemas, once somebody has created it', async () => {
    await database.pool.query(`CREATE SCHEMA app; CREATE ROLE limited_${process.pid} LOGIN PASSWORD 'x'`);
    try {
      await database.pool.query(`ALTER SCHEMA app OWNER TO limited_${process.pid}`);
      const address = new URL(database.connectionString);
      address.username = `limited_${process.pid}`;
      address.password = 'x';
      const limited = createPool({ connectionString: address.href, max: 1, applicationName: 'limited' });
      try {
        expect(await migrate(limited, { schema: 'app', migrations: [first] })).toEqual({ applied: [1] });
      } finally {
        await limited.end();
      }
    } finally {
      await database.pool.query(`DROP OWNED BY limited_${process.pid} CASCADE; DROP ROLE limited_${process.pid}`);
    }
  });

  it('keeps the cause of a failure, so that a lost connection is still recognized as transient', async () => {
    const suicide: Migration = { id: 1, name: 'suicide', sql: 'SELECT pg_terminate_backend(pg_backend_pid())' };
    const failure: unknown = await migrate(database.pool, { schema: 'app', migrations: [suicide] }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(MigrationError);
    expect(isTransient(failure)).toBe(true);
  });
});
