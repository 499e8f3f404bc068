import type { JsonObject } from '@bufbuild/protobuf';
import type { StoredRelationship } from '@orgtrail/graph-model';
import type { ChangeKind, IncomingChange, PendingChange, StoredCause, StoredState } from './change.js';
import type { AlteredRow } from './sql/apply-staged.js';

/** Who did what, from one event. */
export interface AppliedCause {
  eventId: string;
  eventName: string;
  eventTime?: Date;
  principalArn?: string;
  invokedBy?: string;
  /** When the event reached the queue. */
  receivedAt?: Date;
}

export interface EntityState {
  displayName: string;
  properties: JsonObject;
  relationships: { type: string; fromKey: string; toKey: string }[];
}

/** A change that made a row of the history. */
export interface AppliedChange {
  scope: string;
  subject: string;
  /** The entity's key; the subject where it owns no entity. */
  key: string;
  /** The entity's type; the kind of the subject (`delegation`) where it owns no entity. */
  type: string;
  kind: ChangeKind;
  displayName: string;
  accountId?: string;
  cause?: AppliedCause;
  observedAt: Date;
  /** By the database's clock. */
  appliedAt: Date;
  version: bigint;
  /** Absent where nothing stood in the graph. */
  before?: EntityState;
  /** Absent after an ending. */
  after?: EntityState;
}

/** One row of the history, and the change that made it. */
export interface MadeRow extends Omit<AlteredRow, 'index'> {
  change: PendingChange;
  /** When the event that it is due to reached the queue, as ISO text. */
  receivedAt?: string | undefined;
}

/** Throws where only the kind of the row was wanted. */
export function appliedChange({ change: pending, kind, details }: MadeRow, appliedAt: Date): AppliedChange {
  if (details === undefined) throw new Error('Of this row of the history only the kind was asked for.');
  const { key, type, before } = details;
  const change = pending.read();
  const after = kind === 'ENDED' ? null : stateAfter(change);
  const state = after ?? before;
  const accountId = state?.accountId ?? undefined;
  return {
    scope: change.scope,
    subject: change.subject,
    key,
    type,
    kind,
    displayName: state?.displayName ?? change.subject,
    ...(accountId === undefined ? {} : { accountId }),
    ...(change.cause === null ? {} : { cause: appliedCause(change.cause) }),
    observedAt: change.observedAt,
    appliedAt,
    version: change.version,
    ...(before === null ? {} : { before: entityState(before, change.subject) }),
    ...(after === null ? {} : { after: entityState(after, change.subject) }),
  };
}

function stateAfter({ content }: IncomingChange): StoredState | null {
  if (content.case === 'ended') return null;
  const relationships = JSON.parse(content.relationships) as StoredRelationship[];
  if (content.entity === null) return { relationships };
  const { key: _key, properties, ...entity } = content.entity;
  return { ...entity, properties: JSON.parse(properties) as JsonObject, relationships };
}

function appliedCause({ eventTime, receivedAt, ...cause }: StoredCause): AppliedCause {
  return {
    ...cause,
    ...(eventTime === undefined ? {} : { eventTime: new Date(eventTime) }),
    ...(receivedAt === undefined ? {} : { receivedAt: new Date(receivedAt) }),
  };
}

function entityState({ displayName, properties, relationships }: StoredState, subject: string): EntityState {
  return {
    displayName: displayName ?? subject,
    properties: properties ?? {},
    relationships: relationships.map(({ type, fromKey, toKey }) => ({ type, fromKey, toKey })),
  };
}
