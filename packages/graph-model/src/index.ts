export { accountKey, organizationKey, parentKey, type OrganizationScope } from './keys.js';
export { entities, relationships, type EntityKind, type RelationshipKind } from './vocabulary.js';
export { describeRelationship, relationshipType, type DescribedRelationship } from './relationship.js';
