import type { RoleFailure, TransientFailure } from '@orgtrail/aws';

/** The status of a member integration. */
export const memberStatuses = [
  'PENDING',
  'CONNECTED',
  'FAILED',
  'SKIPPED',
  'EXCLUDED',
  'SUSPENDED',
  'CLOSED',
  'REMOVED',
  'UNKNOWN',
] as const;
export type MemberStatus = (typeof memberStatuses)[number];

/** What is known of one member account, each dimension on its own. `docs/members.md` lists every cell. */
export interface MemberFacts {
  account: AccountFact;
  deletion: DeletionFact;
  skipTag: SkipTagFact;
  scope: ScopeFact;
  organizationalUnits: OrganizationalUnitsFact;
  tags: TagsFact;
  verification: VerificationFact;
}

/** AWS's State; `other` is a state that we do not know, or none at all. `gone`: AWS said that the account is not in the organization. */
export type AccountFact = 'ACTIVE' | 'PENDING_ACTIVATION' | 'SUSPENDED' | 'PENDING_CLOSURE' | 'CLOSED' | 'other' | 'gone';
/** `held`: its ending waits for an operator. */
export type DeletionFact = 'none' | 'held';
/** On the account itself, by the best tags known. `set-by-index`: only the bulk tag index says so. */
export type SkipTagFact = 'set' | 'set-by-index' | 'not-set';
/** By the include and exclude lists. `unknown`: there is a list, and the account's place was never read. */
export type ScopeFact = 'inside' | 'not-included' | 'excluded' | 'unknown';
/** Whether an OU above carries the skip tag. `unknown`: that option is on, and the place or an OU's tags were never read. */
export type OrganizationalUnitsFact = 'not-skipped' | 'skipped' | 'unknown';
/**
 * `read`: by ListTagsForResource. `unconfirmed`: so read, but too soon after the account appeared (AWS is eventually consistent).
 * `index`: only in bulk. Only `read` may start a member.
 */
export type TagsFact = 'read' | 'unconfirmed' | 'index' | 'unread';
export type VerificationFact = 'verified' | 'not-verified' | 'no-role' | RoleFailure | TransientFailure;

export type PendingCause =
  | 'ACCOUNT_NOT_ACTIVE'
  | 'DELETION_HELD'
  | 'PLACEMENT_NOT_READ'
  | 'ORGANIZATIONAL_UNIT_NOT_READ'
  | 'TAGS_NOT_READ'
  | 'TAGS_NOT_CONFIRMED'
  | 'NOT_VERIFIED'
  | 'ROLE_NOT_CONFIGURED';
export type SkipCause = 'TAGGED' | 'TAGGED_BY_INDEX' | 'ORGANIZATIONAL_UNIT_TAGGED';
export type ExcludeCause = 'NOT_INCLUDED' | 'OU_EXCLUDED';
export type ClosedCause = 'CLOSURE_PENDING';
export type MemberCause = PendingCause | SkipCause | ExcludeCause | ClosedCause | RoleFailure | TransientFailure;

export interface Decision {
  status: MemberStatus;
  cause?: MemberCause;
  /** The role is to be verified now and then. */
  verify: boolean;
}

const ends = (status: MemberStatus, cause?: MemberCause): Decision => ({ status, ...(cause ? { cause } : {}), verify: false });
const verifies = (status: MemberStatus, cause?: MemberCause): Decision => ({ ...ends(status, cause), verify: true });
/** This dimension leaves the decision to the next one. */
const next = 'next';
type Cell = Decision | typeof next;

/**
 * The table, one dimension after the other: the first that decides, decides. The compiler asks for every value of every dimension,
 * so a new fact cannot be forgotten.
 */
export const decisionTable = {
  account: {
    gone: ends('REMOVED'),
    other: ends('UNKNOWN'),
    CLOSED: ends('CLOSED'),
    PENDING_CLOSURE: ends('CLOSED', 'CLOSURE_PENDING'),
    SUSPENDED: ends('SUSPENDED'),
    PENDING_ACTIVATION: ends('PENDING', 'ACCOUNT_NOT_ACTIVE'),
    ACTIVE: next,
  } satisfies Record<AccountFact, Cell>,
  deletion: { held: ends('PENDING', 'DELETION_HELD'), none: next } satisfies Record<DeletionFact, Cell>,
  // The index may stop a member, never start one (invariant 12).
  skipTag: {
    set: ends('SKIPPED', 'TAGGED'),
    'set-by-index': ends('SKIPPED', 'TAGGED_BY_INDEX'),
    'not-set': next,
  } satisfies Record<SkipTagFact, Cell>,
  scope: {
    excluded: ends('EXCLUDED', 'OU_EXCLUDED'),
    'not-included': ends('EXCLUDED', 'NOT_INCLUDED'),
    unknown: ends('PENDING', 'PLACEMENT_NOT_READ'),
    inside: next,
  } satisfies Record<ScopeFact, Cell>,
  organizationalUnits: {
    skipped: ends('SKIPPED', 'ORGANIZATIONAL_UNIT_TAGGED'),
    unknown: ends('PENDING', 'ORGANIZATIONAL_UNIT_NOT_READ'),
    'not-skipped': next,
  } satisfies Record<OrganizationalUnitsFact, Cell>,
  tags: {
    unread: ends('PENDING', 'TAGS_NOT_READ'),
    index: ends('PENDING', 'TAGS_NOT_READ'),
    unconfirmed: ends('PENDING', 'TAGS_NOT_CONFIRMED'),
    read: next,
  } satisfies Record<TagsFact, Cell>,
  verification: {
    verified: verifies('CONNECTED'),
    'not-verified': verifies('PENDING', 'NOT_VERIFIED'),
    'no-role': ends('PENDING', 'ROLE_NOT_CONFIGURED'),
    OWN_CREDENTIALS: verifies('PENDING', 'OWN_CREDENTIALS'),
    AWS_THROTTLED: verifies('PENDING', 'AWS_THROTTLED'),
    AWS_UNREACHABLE: verifies('PENDING', 'AWS_UNREACHABLE'),
    AWS_UNAVAILABLE: verifies('PENDING', 'AWS_UNAVAILABLE'),
    ROLE_NOT_ASSUMABLE: verifies('FAILED', 'ROLE_NOT_ASSUMABLE'),
    EXTERNAL_ID_NOT_ENFORCED: verifies('FAILED', 'EXTERNAL_ID_NOT_ENFORCED'),
    OLD_EXTERNAL_ID_ACCEPTED: verifies('FAILED', 'OLD_EXTERNAL_ID_ACCEPTED'),
    WRONG_ACCOUNT: verifies('FAILED', 'WRONG_ACCOUNT'),
    WRONG_ORGANIZATION: verifies('FAILED', 'WRONG_ORGANIZATION'),
    NOT_IN_ORGANIZATION: verifies('FAILED', 'NOT_IN_ORGANIZATION'),
    MISSING_PERMISSION: verifies('FAILED', 'MISSING_PERMISSION'),
    REGION_DISABLED: verifies('FAILED', 'REGION_DISABLED'),
    INVALID_ROLE: verifies('FAILED', 'INVALID_ROLE'),
    INTERMEDIATE_ROLE_NOT_ASSUMABLE: verifies('FAILED', 'INTERMEDIATE_ROLE_NOT_ASSUMABLE'),
  } satisfies Record<VerificationFact, Decision>,
} as const;

/** In the order in which they decide. */
export const dimensions = ['account', 'deletion', 'skipTag', 'scope', 'organizationalUnits', 'tags', 'verification'] as const;

/** The status of a member: pure and total over all facts. */
export function decideMember(facts: MemberFacts): Decision {
  for (const dimension of dimensions) {
    const cells: Record<string, Cell> = decisionTable[dimension];
    const cell = cells[facts[dimension]];
    if (cell !== undefined && cell !== next) return cell;
  }
  // The last dimension has no cell that leaves the decision to another.
  return decisionTable.verification[facts.verification];
}
