import { entities, relationships, type RelationshipKind } from './vocabulary.js';

/**
 * `<from type>_<class>_<to type without the leading parts it shares with the from type, its last part always kept>`: the formula of
 * the JupiterOne integration SDK, for example `aws_account_has_account`.
 */
export function relationshipType(fromType: string, relationshipClass: string, toType: string): string {
  const from = fromType.split('_');
  const to = toType.split('_');
  let shared = 0;
  while (shared < to.length - 1 && to[shared] === from[shared]) shared += 1;
  return [fromType, relationshipClass.toLowerCase(), ...to.slice(shared)].join('_');
}

export interface DescribedRelationship {
  key: string;
  type: string;
  class: string;
  fromKey: string;
  toKey: string;
}

/** A relationship of the vocabulary between two keys. `qualifier` tells apart several between the same pair. */
export function describeRelationship(
  kind: RelationshipKind,
  ends: { fromKey: string; toKey: string; qualifier?: string },
): DescribedRelationship {
  const { from, to, class: relationshipClass } = relationships[kind];
  const key = [
    ends.fromKey,
    relationshipClass.toLowerCase(),
    ends.toKey,
    ...(ends.qualifier === undefined ? [] : [ends.qualifier]),
  ];
  return {
    key: key.join('|'),
    type: relationshipType(entities[from].type, relationshipClass, entities[to].type),
    class: relationshipClass,
    fromKey: ends.fromKey,
    toKey: ends.toKey,
  };
}
