import { organizationSubject, partsOf, subjectKey, type Part } from '../subjects.js';
import type { Departure, Hint } from './hint.js';
import type { CloudTrailRecord } from './record.js';

export type EventSource = 'organizations.amazonaws.com' | 'account.amazonaws.com' | 'controltower.amazonaws.com';

export interface EventContext {
  managementAccountId: string;
}

/** What one successful record of a kind tells us to look at. `fullSync` says why it cannot tell where. */
export type Meaning =
  | {
      hints: readonly Hint[];
      fullSync?: string;
      /** An id by which AWS ties this record to others that are about the same: they share their subjects and who did it. */
      correlation?: string;
    }
  | 'irrelevant';

/** Which changes a record of a kind may have caused. */
export interface Explanation {
  created?: true;
  ended?: true;
  /** Parts it changes; for the core, which members of it. */
  updated?: Partial<Record<Part, 'any' | readonly string[]>>;
}

/** On whose event bus AWS puts it: an event of another account reaches us only where that account forwards its events. */
export type LoggedIn =
  | 'management account'
  /** Writes that the management account may delegate. */
  | 'calling account: management or delegated administrator'
  /** An account may do it to itself. */
  | 'calling account, which may be the member itself'
  | 'invited account'
  | 'leaving account';

/** Whether its form is known from a published sample, or what of it is only described. */
export type Evidence = 'sample' | { unverified: string };

/** One event of CloudTrail, known by the service that wrote it and its name. */
export interface EventKind {
  source: EventSource;
  name: string;
  loggedIn: LoggedIn;
  evidence: Evidence;
  /** One line for the docs: what is looked at. */
  looksAt: string;
  explains: Explanation;
  /** How it says that its subject went; undefined where it does not say, or says something new. */
  departure?(record: CloudTrailRecord): Departure | undefined;
  read(record: CloudTrailRecord, context: EventContext): Meaning;
}

export function lookAtAccount(accountId: string, parts: readonly Part[] = partsOf.account): Hint {
  return { subject: subjectKey('account', accountId), parts };
}

export function lookAtDelegation(accountId: string): Hint {
  return { subject: subjectKey('delegation', accountId), parts: partsOf.delegation };
}

export function lookAtAccountCore(accountId: string): Hint[] {
  return [lookAtAccount(accountId, ['core'])];
}

/** Ownership follows membership: an account that comes or goes changes what it is delegated for too. */
export function lookAtMember(accountId: string): Hint[] {
  return [lookAtAccount(accountId), lookAtDelegation(accountId)];
}

/** The account is said to leave: its tags and its place are gone with it, so only its core is asked for. */
export function lookAtDepartingMember(accountId: string): Hint[] {
  return [{ ...lookAtAccount(accountId, ['core']), announcesDeparture: true }, lookAtDelegation(accountId)];
}

export function lookAtOrganization(): Hint {
  return { subject: organizationSubject, parts: partsOf.organization };
}

export function lookAt(...hints: readonly Hint[]): Meaning {
  return { hints };
}

/** The record changes the tree, and does not say where. */
export function lookEverywhere(reason: string, ...hints: readonly Hint[]): Meaning {
  return { hints, fullSync: reason };
}

/** Most records name one account; where it is missing or no account id, everything is looked at. */
export function lookWhereNamed(accountId: string | undefined, hintsOf: (accountId: string) => readonly Hint[]): Meaning {
  return accountId === undefined ? lookEverywhere('names no account') : lookAt(...hintsOf(accountId));
}
