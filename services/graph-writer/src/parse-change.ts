import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { decodeGraphChange, storedRelationship, type DecodedGraphChange, type Relationship } from '@orgtrail/graph-model';
import { observation, type graph } from '@orgtrail/proto';
import { greatestVersion, longestKey, longestName, longestRecord, shortestEntityKey } from './bounds.js';
import type { EntityContent, IncomingChange, ScopeChange, StoredCause, StoredSync } from './change.js';
import { ContractViolation } from './record-failure.js';
import { storableObject, storableText } from './storable.js';

/** Reads one record's value. Throws a `ContractViolation` for what no producer may send; its message has no content of the record. */
export function parseChange(value: Uint8Array | null): IncomingChange | ScopeChange {
  if (value === null) throw new ContractViolation('UNPARSABLE', 'The record has no value.');
  if (value.length > longestRecord) {
    throw new ContractViolation('CONTRACT_VIOLATION', `The record has more than ${longestRecord} bytes.`);
  }
  const change = decode(value);
  if (change.subjectVersion <= 0n || change.subjectVersion > greatestVersion) {
    throw new ContractViolation('CONTRACT_VIOLATION', 'The subject version is no time between 1970 and the year 9999.');
  }
  const head = {
    scope: required('integration_id', change.integrationId, longestName),
    subject: required('subject', change.subject, longestName),
    version: change.subjectVersion,
    observedAt: observedAt(change),
    cause: change.cause ? causeOf(change.cause) : null,
    baseline: change.baseline,
  };
  if (change.change.case === 'scopeState') {
    const { removed, emailPurgedAt } = change.change.value;
    return { ...head, removed, purgeEmail: emailPurgedAt !== undefined };
  }
  const explainedVersion = change.explainedVersion > 0n ? change.explainedVersion : null;
  const foundBy = change.foundBy ? syncOf(change.foundBy) : null;
  return { ...head, explainedVersion, foundBy, content: contentOf(change.change) };
}

function decode(value: Uint8Array): DecodedGraphChange {
  try {
    return decodeGraphChange(value);
  } catch {
    throw new ContractViolation('UNPARSABLE', 'The value is not an orgtrail.graph.v1.GraphChange.');
  }
}

function contentOf(change: Exclude<DecodedGraphChange['change'], { case: 'scopeState' }>): IncomingChange['content'] {
  switch (change.case) {
    case 'ended':
      return { case: 'ended', reason: reasonOf(change.value.reason) };
    case 'present': {
      // Twice the same key in one change is one relationship: two would collide in one statement.
      const relationships = new Map(change.value.relationships.map(relationshipOf).map((one) => [one.key, one]));
      return {
        case: 'present',
        entity: change.value.entity ? entityOf(change.value.entity) : null,
        relationships: JSON.stringify(
          [...relationships.values()].sort((left, right) => (left.key < right.key ? -1 : 1)).map(storedRelationship),
        ),
      };
    }
    case undefined:
      throw new ContractViolation('CONTRACT_VIOLATION', 'The change is neither present nor ended.');
  }
}

/** A newer producer may know reasons that we do not. */
function reasonOf(reason: number): string {
  const names: Record<number, string | undefined> = observation.EndReason;
  return names[reason] ?? `UNKNOWN_${reason}`;
}

function entityOf(entity: graph.Entity): EntityContent {
  if (entity.key.length < shortestEntityKey) {
    throw new ContractViolation('CONTRACT_VIOLATION', `The entity's key has fewer than ${shortestEntityKey} characters.`);
  }
  return {
    key: required('entity.key', entity.key, longestKey),
    type: required('entity.type', entity.type, longestName),
    classes: entity.classes.map(storableText),
    displayName: storableText(entity.displayName),
    accountId: entity.accountId === '' ? null : required('entity.account_id', entity.accountId, longestName),
    properties: JSON.stringify(storableObject(entity.properties ?? {})),
  };
}

function relationshipOf(relationship: graph.Relationship): Relationship {
  return {
    key: required('relationship.key', relationship.key, longestKey),
    type: required('relationship.type', relationship.type, longestName),
    class: required('relationship.class', relationship.class, longestName),
    fromKey: required('relationship.from_key', relationship.fromKey, longestKey),
    toKey: required('relationship.to_key', relationship.toKey, longestKey),
    properties: storableObject(relationship.properties ?? {}),
  };
}

function required(field: string, text: string, longest: number): string {
  if (text === '') throw new ContractViolation('CONTRACT_VIOLATION', `${field} is empty.`);
  const storable = storableText(text);
  if (Buffer.byteLength(storable) > longest) {
    throw new ContractViolation('CONTRACT_VIOLATION', `${field} is longer than ${longest} bytes.`);
  }
  return storable;
}

function causeOf(cause: observation.Cause): StoredCause {
  const eventTime = isoOf(cause.eventTime);
  const receivedAt = isoOf(cause.receivedAt);
  return {
    eventId: storableText(cause.eventId),
    eventName: storableText(cause.eventName),
    ...(eventTime === undefined ? {} : { eventTime }),
    ...(cause.principalArn === '' ? {} : { principalArn: storableText(cause.principalArn) }),
    ...(cause.invokedBy === '' ? {} : { invokedBy: storableText(cause.invokedBy) }),
    ...(receivedAt === undefined ? {} : { receivedAt }),
  };
}

/** Also for who reads records without building them. */
export function syncOf({ id, kind, startedAt }: observation.Sync): StoredSync {
  const began = isoOf(startedAt);
  return { id: Number(id), kind: storableText(kind), ...(began === undefined ? {} : { startedAt: began }) };
}

function isoOf(time: Timestamp | undefined): string | undefined {
  return time === undefined ? undefined : validDate(timestampDate(time)).toISOString();
}

/** The subject version is a time, too, unless the clock was pushed ahead. */
function observedAt({ observedAt: time, subjectVersion }: graph.GraphChange): Date {
  return validDate(time ? timestampDate(time) : new Date(Number(subjectVersion / 1000n)));
}

/** As `google.protobuf.Timestamp`: Postgres knows no times before 4713 BC, and reads no year of more than four digits. */
const earliestMs = Date.parse('0001-01-01T00:00:00Z');
const latestMs = Date.parse('9999-12-31T23:59:59.999Z');

/** Throws a `ContractViolation` for a time that is none, or not from the year 1 to 9999. */
export function validDate(date: Date): Date {
  if (!(date.getTime() >= earliestMs && date.getTime() <= latestMs))
    throw new ContractViolation('CONTRACT_VIOLATION', 'A time is out of range.');
  return date;
}
