import type { Departure } from '../events/hint.js';
import type { Part } from '../subjects.js';

/** Drawn from the integration's clock: microseconds since the epoch, or one more than the version before. */
export type Version = bigint;

export interface OrganizationCore {
  arn: string;
  featureSet: string;
  managementAccountEmail?: string;
}

export interface RootCore {
  arn: string;
  name: string;
  policyTypes: Record<string, string>;
}

export interface OrganizationalUnitCore {
  arn: string;
  name: string;
}

export interface AccountCore {
  arn: string;
  name: string;
  email?: string;
  state?: string;
  joinedMethod?: string;
  /** Epoch milliseconds. */
  joinedAt?: number;
  /** More than one parent, as AWS answered it; placement is then not read. */
  conflictingPaths?: string[];
}

export interface DelegationCore {
  services: { servicePrincipal: string; enabledAt?: number }[];
}

export interface InvitationCore {
  arn: string;
  action: string;
  state: string;
  requestedAt?: number;
  expiresAt?: number;
  accountId?: string;
  email?: string;
}

/** What the writer has to do with the whole scope. */
export interface IntegrationCore {
  removed: boolean;
  /** Epoch milliseconds. */
  emailPurgedAt?: number;
}

export type Core =
  IntegrationCore | OrganizationCore | RootCore | OrganizationalUnitCore | AccountCore | DelegationCore | InvitationCore;

export interface Placement {
  parentId: string;
  /** From the root to the parent, both included. */
  ancestorIds: string[];
}

export type TagValues = Record<string, string>;

export interface Versioned<T> {
  version: Version;
  value: T;
}

/**
 * One subject as discovery knows it. Each part is a last-writer-wins register ordered by version; `goneVersion` is the
 * greatest version at which AWS said "not found". Reads may be merged in any order, any number of times.
 */
export interface SubjectState {
  parts: {
    core?: Versioned<Core>;
    placement?: Versioned<Placement>;
    /** Read by ListTagsForResource. */
    tags?: Versioned<TagValues>;
    /** From the bulk tag index: it lags, cannot prove "no tags", and never replaces tags that were read. */
    tagIndex?: Versioned<TagValues>;
  };
  goneVersion: Version;
  goneReason?: GoneReason;
}

/** How an invitation ended, as AWS lists it for 30 days; and how an event explains what AWS did not find. */
export type GoneReason = 'not-found' | 'absent-from-complete-list' | 'accepted' | 'declined' | 'canceled' | 'expired' | Departure;

export const unknownSubject: SubjectState = { parts: {}, goneVersion: 0n };

/** One answer of AWS about one part of one subject, with the version drawn before it was read. */
export type PartRead =
  | { part: 'core'; version: Version; value: Core }
  | { part: 'placement'; version: Version; value: Placement }
  | { part: 'tags'; version: Version; value: TagValues }
  | { part: 'tagIndex'; version: Version; value: TagValues }
  /** `accountId`: who an invitation that was accepted became. One to an e-mail address tells it only then. */
  | { part: 'existence'; version: Version; gone: GoneReason; accountId?: string };

/** A subject lives when its core was read after the last "not found". */
export function isLive(state: SubjectState): boolean {
  return state.parts.core !== undefined;
}

/** Tags as they are best known. */
export function effectiveTags(state: SubjectState): { values: TagValues; fromIndex: boolean } | undefined {
  if (state.parts.tags) return { values: state.parts.tags.value, fromIndex: false };
  if (state.parts.tagIndex) return { values: state.parts.tagIndex.value, fromIndex: true };
  return undefined;
}

/**
 * The parts of a live subject that were never read since it (re)appeared. Index tags do not count as read (invariant 12). A place that
 * AWS answered in two ways does: another read would say the same.
 */
export function unreadParts(state: SubjectState, parts: readonly Part[]): Part[] {
  const core = state.parts.core?.value as Partial<AccountCore> | undefined;
  const answered = (part: Part): boolean =>
    state.parts[part] !== undefined || (part === 'placement' && core?.conflictingPaths !== undefined);
  return isLive(state) ? parts.filter((part) => !answered(part)) : [];
}
