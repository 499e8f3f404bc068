import type { AwsError } from './errors.js';

/** What an action is tried on. What is missing here can not be tried. */
export interface PermissionContext {
  managementAccountId?: string;
  rootId?: string;
  queueUrl?: string;
  undeliveredQueueUrl?: string;
  /** Of any trail; without it the call names one that does not exist. */
  trailArn?: string;
}

export type PermissionAnswer =
  | { outcome: 'allowed' }
  | { outcome: 'denied'; error: AwsError }
  /** AWS answered something that says nothing about the permission, or did not answer. */
  | { outcome: 'unknown'; error: AwsError }
  | { outcome: 'not-applicable'; missing: keyof PermissionContext };
