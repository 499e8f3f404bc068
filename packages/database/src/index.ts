export { createPool, type PoolSettings, type Queryable } from './pool.js';
export { inTransaction } from './transaction.js';
export { isPoison, isTransient } from './errors.js';
export { retryTransient, type RetrySettings } from './retry.js';
export { migrate, MigrationError, pendingMigrations, type Migration } from './migrate.js';
export { migrateDatabase } from './migrate-database.js';
export { DatabaseUnavailableError, waitForDatabase, type WaitSettings } from './wait-for-database.js';
export { databaseAddress } from './address.js';
