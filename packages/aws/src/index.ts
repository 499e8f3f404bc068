export { connectToAws, isLoopback, type AwsConnectionOptions } from './connection.js';
export { AwsError, type AwsErrorKind } from './errors.js';
export { permissions, publishedRates, type PublishedRate } from './limits.js';
export type { AwsCredentials, IntermediateRole } from './role-credentials.js';
export type { CallReport } from './caller.js';
export type { Priority } from './rate-limiter.js';
export type * from './reads.js';
export { createRoleVerifier, type RoleVerifier, type RoleVerifierOptions } from './role-verifier.js';
export { negativeCheckSessionName, verificationSessionName } from './role-sessions.js';
export {
  roleFailures,
  transientFailures,
  type RoleAnswer,
  type RoleFailure,
  type RoleQuestion,
  type TransientFailure,
} from './role-answer.js';
