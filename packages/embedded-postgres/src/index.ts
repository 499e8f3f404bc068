export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresSettings } from './start.js';
export { EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './errors.js';
