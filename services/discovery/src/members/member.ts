import type { StoredCause } from '../observed/sql/store-subjects.js';
import type { MemberCause, MemberStatus, VerificationFact } from './decision-table.js';

/** The event behind a status. */
export type ChangedBy = Pick<StoredCause, 'eventName' | 'principalArn' | 'eventTime'>;

/** What people and the graph see of a member. */
export interface MemberView {
  status: MemberStatus;
  cause?: MemberCause;
  reason: string;
  since: Date;
  warnings: string[];
  changedBy?: ChangedBy;
  roleArn?: string;
}

/** A member as it is kept. */
export interface StoredMember extends MemberView {
  accountId: string;
  skippedWhenItLeft: boolean;
  /** `none`: not verified yet. */
  verification: 'none' | Exclude<VerificationFact, 'not-verified' | 'no-role'>;
  verifiedAt?: Date;
  usedPreviousExternalId: boolean;
  negativeCheckedAt?: Date;
  refusals: number;
  attempts: number;
  lastError?: string;
  ask: string;
  dueAt?: Date;
}
