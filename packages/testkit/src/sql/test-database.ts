// template0, because a connection to template1 (some tool of the developer's) makes CREATE DATABASE fail.
export const createTestDatabaseSql = (name: string): string => `CREATE DATABASE ${name} TEMPLATE template0`;

// FORCE, because what a test left connected must not keep its database.
export const dropTestDatabaseSql = (name: string): string => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`;
