import type { JsonObject } from '@bufbuild/protobuf';
import type { ChangeKind, StoredCause, StoredState } from './change.js';
import type { HistoryRow } from './plan-batch.js';

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

export function appliedChange(row: HistoryRow, appliedAt: Date): AppliedChange {
  const state = row.after ?? row.before;
  const accountId = state?.accountId ?? undefined;
  return {
    scope: row.scope,
    subject: row.subject,
    key: row.key,
    type: row.type,
    kind: row.kind,
    displayName: state?.displayName ?? row.subject,
    ...(accountId === undefined ? {} : { accountId }),
    ...(row.cause === null ? {} : { cause: appliedCause(row.cause) }),
    observedAt: row.observedAt,
    appliedAt,
    version: row.version,
    ...(row.before === null ? {} : { before: entityState(row.before, row.subject) }),
    ...(row.after === null ? {} : { after: entityState(row.after, row.subject) }),
  };
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
