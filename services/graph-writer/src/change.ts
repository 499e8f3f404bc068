import type { JsonObject } from '@bufbuild/protobuf';
import type { StoredRelationship } from '@orgtrail/graph-model';

/** What happened to a key, as the history has it. `RETURNED`: it lives again after it had ended. */
export type ChangeKind = 'BASELINE' | 'CREATED' | 'UPDATED' | 'ENDED' | 'RETURNED';

/** Who did what, from one event. Times as ISO text: this is also how it is stored. */
export interface StoredCause {
  eventId: string;
  eventName: string;
  eventTime?: string;
  principalArn?: string;
  invokedBy?: string;
  receivedAt?: string;
}

/** The sync that found what no event explains, as the history has it. */
export interface StoredSync {
  /** Its number in `discovery.full_syncs`. */
  id: number;
  kind: string;
  /** ISO text. */
  startedAt?: string;
}

/** JSON as text, as it goes to Postgres: what is only passed on is never built. */
type Json = string;

export interface EntityContent {
  key: string;
  type: string;
  classes: string[];
  displayName: string;
  accountId: string | null;
  /** A JSON object. */
  properties: Json;
}

/** All that a living subject owns. */
export interface PresentContent {
  case: 'present';
  entity: EntityContent | null;
  /** A JSON array of `StoredRelationship`s, sorted by their keys. */
  relationships: Json;
}

/** One graph change of the bus, checked against the contract. */
export interface IncomingChange {
  scope: string;
  subject: string;
  version: bigint;
  observedAt: Date;
  cause: StoredCause | null;
  foundBy: StoredSync | null;
  baseline: boolean;
  /** Of which version's change the cause tells, where its event came after that was written. */
  explainedVersion: bigint | null;
  content: PresentContent | { case: 'ended'; reason: string };
}

/** A change of which no more is known yet than who it is about: most records change nothing, and their contents are never read. */
export interface PendingChange extends Pick<IncomingChange, 'scope' | 'subject' | 'version'> {
  /** Equal only for equal content of the same encoding; null where there is none to compare with. */
  contentHash: string | null;
  /** The record itself, unless what is stored of it has to differ from what it says. */
  value?: Buffer;
  /** Throws a `ContractViolation`. */
  read(): IncomingChange;
}

/** What of a change that was staged its writing has to know. */
export interface StagedChange {
  /** Key of its entity; null for an ending, and for a subject that owns none. */
  entityKey: string | null;
  /** When the event that it is due to reached the queue, as ISO text. */
  receivedAt?: string | undefined;
}

/** A change that is known whole. */
export function pendingChange(change: IncomingChange, contentHash: string | null = null): PendingChange {
  const { scope, subject, version } = change;
  return { scope, subject, version, contentHash, read: () => change };
}

/** What has to be done with everything in a scope, under the same version guard as every subject. */
export interface ScopeChange extends Omit<IncomingChange, 'content' | 'explainedVersion' | 'foundBy'> {
  /** The scope is closed: everything in it ends, later records are dropped. */
  removed: boolean;
  /** Erase the e-mail addresses that are stored. */
  purgeEmail: boolean;
}

/** The whole state of a key after a change, as the history keeps it. The fields of an entity are absent where the subject owns none. */
export interface StoredState {
  type?: string;
  classes?: string[];
  displayName?: string;
  accountId?: string | null;
  properties?: JsonObject;
  relationships: StoredRelationship[];
}
