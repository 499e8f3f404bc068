export { connectToAws, isLoopback, type AwsConnectionOptions, type AwsCredentials } from './connection.js';
export { AwsError, type AwsErrorKind } from './errors.js';
export { permissions, publishedRates, type PublishedRate } from './limits.js';
export type { CallReport } from './caller.js';
export type { Priority } from './rate-limiter.js';
export type * from './reads.js';
