import { createHash } from 'node:crypto';
import { fromBinary, toJson, type DescMessage, type JsonValue } from '@bufbuild/protobuf';
import { decodeGraphChange } from '@orgtrail/graph-model';
import { graph, observation, topics } from '@orgtrail/proto';

/** What an operator sees of a record: its size and fingerprint, and its structure without anything that could be personal. */
export interface MaskedPayload {
  bytes: number;
  sha256: string;
  /** The message, masked; absent where the bytes are none. */
  message?: JsonValue;
}

const json =
  (schema: DescMessage, decode = (value: Uint8Array) => fromBinary(schema, value)) =>
  (value: Uint8Array) =>
    toJson(schema, decode(value));

const messages: Readonly<Record<string, (value: Uint8Array) => JsonValue>> = {
  [topics.observations]: json(observation.ObservationSchema),
  [topics.graphChanges]: json(graph.GraphChangeSchema, decodeGraphChange),
  [topics.deadLetters]: json(graph.DeadLetterSchema),
};

/**
 * Numbers, booleans and the text of fields that hold ids, types, keys, states and times are shown; all other text (names, addresses, values of tags) is replaced by
 * its length. Pure.
 */
export function maskedPayload(topic: string, value: Uint8Array): MaskedPayload {
  const head = { bytes: value.length, sha256: createHash('sha256').update(value).digest('hex') };
  const jsonOf = messages[topic];
  if (jsonOf === undefined) return head;
  try {
    return { ...head, message: masked(jsonOf(value), '') };
  } catch {
    return head;
  }
}

/** Names of fields and properties whose text says which thing, and nothing about a person. */
const shown = new Set(
  `integrationId subject subjectVersion partition organizationId managementAccountId observedAt
   key type class classes fromKey toKey id accountId arn parentId pathIds ancestorIds conflictingPaths
   state status reason joinedMethod joinedAt action featureSet servicePrincipal enabledAt requestedAt expiresAt
   eventId eventName eventTime receivedAt topic group code offset failedAt emailPurgedAt since kind startedAt`.split(/\s+/),
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
