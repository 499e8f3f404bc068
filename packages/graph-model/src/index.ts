export { describeGraphModel } from './describe-vocabulary.js';
export { deviations, type Deviation, type DeviationId } from './deviations.js';
export { decodeGraphChange, encodeGraphChange, type DecodedGraphChange } from './graph-change.js';
export { accountKey, organizationKey, parentKey, type OrganizationScope } from './keys.js';
export { entities, relationships, type EntityKind, type RelationshipKind } from './vocabulary.js';
export {
  emailProperties,
  properties,
  propertyFamilies,
  relationshipProperties,
  type Property,
  type PropertyType,
} from './properties.js';
export { describeRelationship, relationshipType, type DescribedRelationship } from './relationship.js';
export { storedRelationship, wholeRelationship, type Relationship, type StoredRelationship } from './stored-relationship.js';
