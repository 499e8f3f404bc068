import { createHash } from 'node:crypto';
import { fromBinary, toJson, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import { graph, observation, topics } from '@orgtrail/proto';

/** What an operator sees of a record: its size and fingerprint, and its structure without anything that could be personal. */
export interface MaskedPayload {
  bytes: number;
  sha256: string;
  /** The message, masked; absent where the bytes are none. */
  message?: JsonValue;
}

const messages: Readonly<Record<string, DescMessage>> = {
  [topics.observations]: observation.ObservationSchema,
  [topics.graphChanges]: graph.GraphChangeSchema,
  [topics.deadLetters]: graph.DeadLetterSchema,
};

/**
 * Numbers, booleans and the text of fields that hold ids, types, keys, states and times are shown; all other text (names, addresses, values of tags) is replaced by
 * its length. Pure.
 */
export function maskedPayload(topic: string, value: Uint8Array): MaskedPayload {
  const head = { bytes: value.length, sha256: createHash('sha256').update(value).digest('hex') };
  const schema = messages[topic];
  if (schema === undefined) return head;
  try {
    return { ...head, message: masked(toJson(schema, fromBinary(schema, value)), '') };
  } catch {
    return head;
  }
}

/** Names of fields and properties whose text says which thing, and nothing about a person. */
const shown = new Set(
  `integrationId subject subjectVersion partition organizationId managementAccountId observedAt
   key type class classes fromKey toKey id accountId arn parentId pathIds ancestorIds conflictingPaths
   state status reason joinedMethod joinedAt action featureSet servicePrincipal enabledAt requestedAt expiresAt
   eventId eventName eventTime receivedAt topic group code offset failedAt emailPurgedAt since`.split(/\s+/),
);

/** Fields in which everything is a customer's, names included: a tag may be called `id`. */
const theirs = new Set(['tags', 'configuredTags', 'policyTypes']);

function masked(value: JsonValue, name: string, isTheirs = false): JsonValue {
  if (typeof value === 'string') return !isTheirs && shown.has(name) && isId(value) ? value : hidden(value);
  if (Array.isArray(value)) return value.map((one) => masked(one, name, isTheirs));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [
      field.includes('@') ? hidden(field) : field,
      masked(inner, field, isTheirs || theirs.has(field)),
    ]),
  );
}

const isId = (text: string): boolean => /^[\w.:/|+-]*$/.test(text);
const hidden = (text: string): string => `‹${text.length} characters›`;
