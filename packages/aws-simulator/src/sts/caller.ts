import type { PermissionStatement } from '../iam/permission-policy.js';

/** What one statement of a trust policy demands. */
export interface Trust {
  /** ARNs, account ids, `arn:…:iam::<account>:root`, or `*`. */
  readonly principals: readonly string[];
  /** The values of `sts:ExternalId` that are taken; empty: none is demanded. */
  readonly externalIds: readonly string[];
}

/** An IAM role as far as the simulator needs one. */
export interface Role {
  readonly arn: string;
  readonly accountId: string;
  /** The statements of its trust policy: one of them has to let the caller in. */
  readonly trust: readonly Trust[];
  /** What its policies say at this moment, where it was made of documents (IAM, CloudFormation): they decide, not the two flags. */
  readonly permissions?: () => readonly PermissionStatement[];
  /** IAM's record of it, where it has one. */
  readonly madeBy?: object;
  /** Its policy allows the reads of Organizations and tagging. */
  readonly canReadOrganization: boolean;
  /** Its policy allows the writes of Organizations. */
  readonly canChangeOrganization: boolean;
  /** AssumeRole answers with this instead. */
  readonly assumingFails?: { code: string; status: number };
  /** What DescribeOrganization answers in its sessions, when it is not this organization. */
  readonly describes?: 'another-organization' | 'no-organization';
}

/** Who calls, as the credentials and the connection tell. */
export interface Caller {
  readonly accountId: string;
  /** `arn:…:iam::<account>:user/…`, `arn:…:sts::<account>:assumed-role/<role>/<session>` or `arn:…:iam::<account>:root`. */
  readonly arn: string;
  readonly userId: string;
  readonly accessKeyId: string;
  /** The role of an assumed-role session. */
  readonly role?: Role;
  /** Actions that the session's own policy allows; `undefined`: no session policy. */
  readonly sessionActions?: readonly string[];
  /** Epoch milliseconds at which the session began. */
  readonly sessionBegan?: number;
  /** An AWS service that calls on somebody's behalf. */
  readonly invokedBy?: string;
  readonly sourceIpAddress: string;
  readonly userAgent: string;
}
