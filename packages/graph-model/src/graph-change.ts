import { create, fromBinary, toBinary, type JsonObject } from '@bufbuild/protobuf';
import { graph } from '@orgtrail/proto';
import { storedRelationship, wholeRelationship, type StoredRelationship } from './stored-relationship.js';

/**
 * A change as the value of its record. What a living subject owns (`present`) goes as `subject_state`: as the text that is kept of it, so that the writer, which
 * has only to pass it on, need not build it.
 */
export function encodeGraphChange(change: graph.GraphChange): Uint8Array {
  const { change: what } = change;
  if (what.case !== 'present') return toBinary(graph.GraphChangeSchema, change);
  return toBinary(graph.GraphChangeSchema, { ...change, change: { case: 'subjectState', value: subjectState(what.value) } });
}

export interface DecodedGraphChange extends graph.GraphChange {
  /** `present` for every living subject. */
  change: Exclude<graph.GraphChange['change'], { case: 'subjectState' }>;
}

/** The change that a record's value says. Throws where it says none. */
export function decodeGraphChange(value: Uint8Array): DecodedGraphChange {
  const { change, ...head } = fromBinary(graph.GraphChangeSchema, value);
  if (change.case !== 'subjectState') return { ...head, change };
  return { ...head, change: { case: 'present', value: presentOf(change.value) } };
}

function subjectState({ entity, relationships }: graph.Present): graph.SubjectState {
  return create(graph.SubjectStateSchema, {
    ...(entity && {
      key: entity.key,
      type: entity.type,
      classes: entity.classes,
      displayName: entity.displayName,
      accountId: entity.accountId,
      properties: JSON.stringify(inKeptOrder(entity.properties ?? {})),
    }),
    relationships: JSON.stringify(relationships.map((one) => storedRelationship({ ...one, properties: one.properties ?? {} }))),
  });
}

/** The fields in the order in which `jsonb` keeps them, shorter names first: Postgres need not sort them then. What the mapper says is the same bytes each time anyway. */
function inKeptOrder(object: JsonObject): JsonObject {
  const bytesOf = (name: string): number => Buffer.byteLength(name);
  return Object.fromEntries(
    Object.entries(object).sort(([left], [right]) => bytesOf(left) - bytesOf(right) || (left < right ? -1 : 1)),
  );
}

function presentOf({ $typeName: _, properties, relationships, ...head }: graph.SubjectState): graph.Present {
  const ownsEntity = head.key !== '' || head.type !== '' || properties !== '';
  return create(graph.PresentSchema, {
    ...(ownsEntity ? { entity: { ...head, properties: objectOf(properties === '' ? {} : JSON.parse(properties)) } } : {}),
    relationships: relationshipsOf(relationships === '' ? [] : JSON.parse(relationships)),
  });
}

function relationshipsOf(said: unknown) {
  if (!Array.isArray(said)) throw new TypeError('The relationships are no array.');
  return said.map((one) => wholeRelationship(relationshipOf(objectOf(one))));
}

function relationshipOf({ type, class: of, fromKey, toKey, key, properties }: JsonObject): StoredRelationship {
  return {
    type: textOf(type),
    class: textOf(of),
    fromKey: textOf(fromKey),
    toKey: textOf(toKey),
    ...(key === undefined ? {} : { key: textOf(key) }),
    ...(properties === undefined ? {} : { properties: objectOf(properties) }),
  };
}

function objectOf(said: unknown): JsonObject {
  if (typeof said !== 'object' || said === null || Array.isArray(said)) throw new TypeError('Properties are no object.');
  return said as JsonObject;
}

function textOf(said: unknown): string {
  if (typeof said !== 'string') throw new TypeError('A relationship says something that is no text.');
  return said;
}
