import type { JsonObject } from '@bufbuild/protobuf';
import type { DescribedRelationship } from './relationship.js';

export interface Relationship extends DescribedRelationship {
  properties: JsonObject;
}

/** A relationship as it goes over the bus and is kept: without what the rest of it tells. */
export interface StoredRelationship extends Pick<Relationship, 'type' | 'class' | 'fromKey' | 'toKey'> {
  /** Only where it is not `<from key>|<class in lower case>|<to key>`. */
  key?: string;
  /** Only where there are any. */
  properties?: JsonObject;
}

/** What lower case is the same of wherever it is made: here and in SQL. */
const plainClass = /^[A-Z_]+$/;

const impliedKey = ({ fromKey, class: of, toKey }: Pick<Relationship, 'fromKey' | 'class' | 'toKey'>): string =>
  `${fromKey}|${of.toLowerCase()}|${toKey}`;

/** A relationship as it is kept. Nearly all say nothing more than who is related how to whom, and half of their bytes are their keys. */
export function storedRelationship({ key, type, class: of, fromKey, toKey, properties }: Relationship): StoredRelationship {
  // As `jsonb` orders them.
  const ends = { type, class: of, toKey, fromKey };
  const isImplied = plainClass.test(of) && key === impliedKey(ends);
  return { ...ends, ...(isImplied ? {} : { key }), ...(Object.keys(properties).length === 0 ? {} : { properties }) };
}

/** What is kept, whole again: as `graph.relationship_key` says it in SQL. */
export function wholeRelationship({ key, properties, ...ends }: StoredRelationship): Relationship {
  return { ...ends, key: key ?? impliedKey(ends), properties: properties ?? {} };
}
