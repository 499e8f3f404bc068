import type { Relationship, StoredRelationship } from './change.js';

/** What lower case is the same of wherever it is made: here, in SQL, and byte by byte. */
const plainClass = /^[A-Z_]+$/;

const impliedKey = ({ fromKey, class: of, toKey }: Pick<Relationship, 'fromKey' | 'class' | 'toKey'>): string =>
  `${fromKey}|${of.toLowerCase()}|${toKey}`;

/** A relationship as it is kept. Nearly all say nothing more than who is related how to whom, and half of their bytes are their keys. */
export function storedRelationship({ key, properties, ...ends }: Relationship): StoredRelationship {
  const isImplied = plainClass.test(ends.class) && key === impliedKey(ends);
  return { ...ends, ...(isImplied ? {} : { key }), ...(Object.keys(properties).length === 0 ? {} : { properties }) };
}

/** What is kept, whole again: as `graph.relationship_key` says it in SQL. */
export function wholeRelationship({ key, properties, ...ends }: StoredRelationship): Relationship {
  return { ...ends, key: key ?? impliedKey(ends), properties: properties ?? {} };
}
