export { asksAwsDirectly } from './aws-hosts.js';
export { connectToAws, type AwsConnectionOptions } from './connection.js';
export { AwsError, type AwsErrorKind } from './errors.js';
export type { DeclaredAction, PolicyResource } from './declared-actions.js';
export { eventPathArns, type EventPathPlace } from './event-path-arns.js';
export { eventPathNames, eventPattern } from './event-path-names.js';
export type * from './event-path-reads.js';
export { createEventPathWriter, type EventPathWriter, type EventPathWriterOptions } from './event-path-writer.js';
export type { EventPathPlan, EventPathWanted } from './event-path-plan.js';
export { describeStep, queueAttributes, type EventPathStep } from './event-path-steps.js';
export { allowedPerSecond, publishedRates, type PublishedRate } from './limits.js';
export { organizationsRegion, partitionOfArn, partitionOfRegion } from './partitions.js';
export { patternCovers } from './pattern-covers.js';
export type { PermissionAnswer, PermissionContext } from './permission-answer.js';
export { proxySettings, type ProxySettings } from './proxy-environment.js';
export { queuePolicyAllows } from './queue-policy.js';
export { eventStatement } from './queue-statement.js';
export { isEventQueue, parseQueueUrl } from './queue-url.js';
export { eventPathOperatorActions, managementRoleActions, memberRoleActions } from './role-actions.js';
export type { AwsCredentials, IntermediateRole } from './role-credentials.js';
export type { CallReport, OperationBudget } from './caller.js';
export { isLoopback } from './loopback.js';
export type { Priority } from './waiting-line.js';
export type * from './reads.js';
export { createRoleVerifier, type RoleVerifier, type RoleVerifierOptions } from './role-verifier.js';
export { shellWord } from './shell-word.js';
export { negativeCheckSessionName, verificationSessionName } from './role-sessions.js';
export {
  roleFailures,
  transientFailures,
  type RoleAnswer,
  type RoleFailure,
  type RoleQuestion,
  type TransientFailure,
} from './role-answer.js';
