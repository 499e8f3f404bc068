import { randomBytes } from 'node:crypto';
import { createPool } from '@orgtrail/database';
import type pg from 'pg';
import { createTestDatabaseSql, dropTestDatabaseSql } from './sql/test-database.js';

export interface TestDatabase {
  connectionString: string;
  /** At most 20 connections. Ended by `drop`. */
  pool: pg.Pool;
  /** Ends the pool, every other connection, and the database. */
  drop(): Promise<void>;
}

/** A fresh, empty database on the PostgreSQL server of this test run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env['ORGTRAIL_TEST_DATABASE'];
  if (server === undefined) {
    throw new Error(
      'There is no PostgreSQL for this test: only *.integration.test.ts files get one (see scripts/jest/global-setup.js)',
    );
  }
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, createTestDatabaseSql(name));
  const address = new URL(server);
  address.pathname = `/${name}`;
  const connectionString = address.href;
  const pool = createPool({ connectionString, max: 20, applicationName: 'orgtrail-test' });
  return {
    connectionString,
    pool,
    drop: async () => {
      await pool.end();
      await onServer(server, dropTestDatabaseSql(name));
    },
  };
}

async function onServer(connectionString: string, sql: string): Promise<void> {
  const pool = createPool({ connectionString, max: 1, applicationName: 'orgtrail-test' });
  try {
    await pool.query(sql);
  } finally {
    await pool.end();
  }
}
