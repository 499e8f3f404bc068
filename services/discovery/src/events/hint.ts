import type { Part, SubjectKey } from '../subjects.js';

/** Which parts of which subject an event tells us to look at. Never the content: events are redacted, partial, late, repeated or lost. */
export interface Hint {
  subject: SubjectKey;
  parts: readonly Part[];
  /** The event says that the subject leaves: a not-found that follows needs no second confirmation and counts as announced. */
  announcesDeparture?: boolean;
}

/** Who did what, from one CloudTrail record. */
export interface EventCause {
  /** CloudTrail eventID; the idempotency key of an event. */
  eventId: string;
  eventName: string;
  /** CloudTrail eventTime, whole seconds. Undefined when unreadable. */
  eventTime?: Date;
  principalArn?: string;
  invokedBy?: string;
  /** How what left went, where the event says so: the reason of an ending that it explains. */
  departure?: Departure;
}

export type Departure = 'LEFT' | 'REMOVED' | 'CLEANED' | 'OU_DELETED';

export type NoOpReason =
  /** A name that no parser knows: counted, no error. */
  | 'unknown-event'
  /** `errorCode` is present: the call failed. */
  | 'failed-call'
  /** A read (List…, Describe…, Get…). */
  | 'read-only'
  /** Known, and says nothing about what we observe (policies, contacts, billing transfers). */
  | 'irrelevant';

/** What one CloudTrail record means. */
export type Interpretation =
  | { kind: 'hints'; cause: EventCause; hints: readonly Hint[]; correlation?: string; fullSync?: undefined }
  /** The record changes the tree, but does not tell where. */
  | { kind: 'full-sync'; cause: EventCause; hints: readonly Hint[]; correlation?: string; fullSync: { reason: string } }
  | { kind: 'no-op'; eventName: string; reason: NoOpReason };
