import type { OperationBudget } from './caller.js';
import type { AwsError } from './errors.js';
import type { EventPathReader } from './event-path-reads.js';
import type { PermissionAnswer, PermissionContext } from './permission-answer.js';
import type { Priority } from './waiting-line.js';

export interface PlacementRead {
  parentId: string;
  /** From the root down to the parent, both included. */
  ancestorIds: string[];
}

export interface OrganizationRead {
  id: string;
  arn: string;
  partition: string;
  managementAccountId: string;
  managementAccountArn: string;
  managementAccountEmail?: string;
  featureSet: string;
}

export interface RootRead {
  id: string;
  arn: string;
  name: string;
  /** Policy type -> status. */
  policyTypes: Record<string, string>;
}

export interface OrganizationalUnitRead {
  id: string;
  arn: string;
  name: string;
  /** From `Path`; absent where the server does not give one. */
  placement?: PlacementRead;
}

export interface AccountRead {
  /** 12 digits. */
  id: string;
  arn: string;
  name: string;
  email?: string;
  /** `State`, else the retired `Status`; absent when AWS gave neither: unknown, never "not active". */
  state?: string;
  joinedMethod?: string;
  joinedAt?: Date;
  /** From exactly one legal path. */
  placement?: PlacementRead;
  /** More than one path, as AWS answered them. */
  conflictingPaths?: string[];
}

export interface HandshakeRead {
  id: string;
  arn: string;
  action: string;
  state: string;
  requestedAt?: Date;
  expiresAt?: Date;
  accountId?: string;
  email?: string;
}

export interface DelegatedAdministratorRead {
  accountId: string;
  enabledAt?: Date;
}

export interface DelegatedServiceRead {
  servicePrincipal: string;
  enabledAt?: Date;
}

export interface TaggedResourceRead {
  /** Account id, `ou-…` or `r-…`: the last segment of the ARN. */
  resourceId: string;
  tags: Record<string, string>;
}

/** Reads of one organization. Every method rejects with an `AwsError`. */
export interface OrganizationReader {
  callerIdentity(): Promise<{ accountId: string; arn: string; partition: string }>;
  describeOrganization(): Promise<OrganizationRead>;
  /** One page at a time, in AWS's order. With `onMalformed` whatever lacks what identifies it is told of and left out. */
  listAccounts(onMalformed?: (error: AwsError) => void): AsyncIterable<AccountRead[]>;
  listRoots(): Promise<RootRead[]>;
  listOrganizationalUnitsForParent(parentId: string, onMalformed?: (error: AwsError) => void): Promise<OrganizationalUnitRead[]>;
  listAccountsForParent(parentId: string): Promise<AccountRead[]>;
  listChildren(parentId: string, type: 'ACCOUNT' | 'ORGANIZATIONAL_UNIT'): Promise<string[]>;
  listParents(childId: string): Promise<{ id: string; type: 'ROOT' | 'ORGANIZATIONAL_UNIT' }[]>;
  describeAccount(accountId: string): Promise<AccountRead>;
  describeOrganizationalUnit(id: string): Promise<OrganizationalUnitRead>;
  /** Tags of an account, an OU or a root. */
  listTags(resourceId: string): Promise<Record<string, string>>;
  /** The bulk tag index, page by page. It lags, and omits what was never tagged. */
  readTagIndex(): AsyncIterable<TaggedResourceRead[]>;
  listDelegatedAdministrators(): Promise<DelegatedAdministratorRead[]>;
  listDelegatedServices(accountId: string): Promise<DelegatedServiceRead[]>;
  listHandshakes(): Promise<HandshakeRead[]>;
}

export interface QueueMessage {
  id: string;
  receipt: string;
  body: string;
  sentAt?: Date;
  receiveCount: number;
}

export interface QueueReader {
  receive(options: {
    maxMessages?: number;
    waitSeconds?: number;
    visibilitySeconds?: number;
    signal?: AbortSignal;
  }): Promise<QueueMessage[]>;
  /** Returns the receipts that could not be deleted: those messages come again. */
  delete(receipts: readonly string[]): Promise<{ failed: string[] }>;
  /** Keeps messages that are being worked on from being received again, for so long from now. */
  extend(receipts: readonly string[], visibilitySeconds: number): Promise<void>;
  approximateDepth(): Promise<number | undefined>;
}

export interface AwsConnection {
  /**
   * All readers share limiter, clients and counters; waiting calls are served by priority. The signal ends one reader: its calls reject.
   * `onAttempt` is told of each attempt of this reader alone.
   */
  reader(priority: Priority, signal?: AbortSignal, onAttempt?: (operation: string) => void): OrganizationReader;
  /** Calls of this operation a second that the limiter lets through in the long run. */
  allowedPerSecond(operation: string): number;
  queue(queueUrl: string): QueueReader;
  eventPath(): EventPathReader;
  /** Tries one of `managementRoleActions` with one cheap call that changes nothing. Never rejects for what AWS answers. */
  tryAction(action: string, context: PermissionContext): Promise<PermissionAnswer>;
  /** Our clock minus AWS's, as the latest answer tells; good to about a second. Undefined before the first answer. */
  clockSkewMs(): number | undefined;
  /** Attempts by operation since the connection was made. */
  calls(): Record<string, number>;
  /** What each operation that was called used of its share of AWS's rate; together with the connections that share the budget. */
  budget(): OperationBudget[];
  /** Closes it: what is under way breaks off, and what waits for its turn without a signal of its own rejects. */
  destroy(): void;
}
