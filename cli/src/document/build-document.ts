import type { GraphSnapshot } from '@orgtrail/graph-writer';
import type { AccountDocument, OrganizationalUnitDocument, OrganizationDocument } from './document.js';

type Entity = GraphSnapshot['entities'][number];

/** The document of one organization from the live rows of its graph. Pure. */
export function buildDocument(graph: GraphSnapshot): OrganizationDocument {
  const ofType = (type: string) => graph.entities.filter((entity) => entity.type === type);
  const organization = ofType('aws_organization')[0];
  if (!organization) throw new Error('The graph holds no organization yet.');
  const names = new Map(
    [...ofType('aws_organization_root'), ...ofType('aws_organizational_unit')].map((entity) => [
      stringOf(entity, 'id'),
      stringOf(entity, 'name'),
    ]),
  );
  const pathOf = (entity: Entity) => listOf(entity, 'pathIds').map((id) => names.get(id) ?? id);
  const managed = new Set(graph.relationships.filter(({ type }) => type === 'aws_account_has_account').map(({ toKey }) => toKey));
  const parents = parentsByChild(graph);
  const featureSet = optional(organization, 'featureSet');

  return {
    organization: {
      id: stringOf(organization, 'id'),
      arn: stringOf(organization, 'arn'),
      managementAccountId: stringOf(organization, 'managementAccountId'),
      ...(featureSet === undefined ? {} : { featureSet }),
    },
    roots: ofType('aws_organization_root').map((entity) => ({
      id: stringOf(entity, 'id'),
      arn: stringOf(entity, 'arn'),
      name: stringOf(entity, 'name'),
      ...withTags(entity),
    })),
    organizationalUnits: ofType('aws_organizational_unit').map((entity) => unitDocument(entity, parents, pathOf(entity))),
    accounts: ofType('aws_account').map((entity) => accountDocument(entity, parents, pathOf(entity), managed.has(entity.key))),
    relationships: graph.relationships.map(({ type, fromKey, toKey }) => ({ type, from: fromKey, to: toKey })),
  };
}

/** The parent as the edges say it: the edges are the graph, `parentId` is only a convenience beside them. */
function parentsByChild(graph: GraphSnapshot): Map<string, string> {
  return new Map(
    graph.relationships
      .filter(({ type }) => /^aws_organization(_root|al_unit)_has_(organizational_unit|unit|account)$/.test(type))
      .map(({ fromKey, toKey }) => [toKey, fromKey.split('/').at(-1) ?? '']),
  );
}

function unitDocument(entity: Entity, parents: Map<string, string>, path: string[]): OrganizationalUnitDocument {
  const parentId = parents.get(entity.key);
  return {
    id: stringOf(entity, 'id'),
    arn: stringOf(entity, 'arn'),
    name: stringOf(entity, 'name'),
    ...(parentId === undefined ? {} : { parentId }),
    path,
    ...withTags(entity),
  };
}

function accountDocument(
  entity: Entity,
  parents: Map<string, string>,
  path: string[],
  hasManagementEdge: boolean,
): AccountDocument {
  const parentId = parents.get(entity.key);
  const email = optional(entity, 'email');
  const joinedMethod = optional(entity, 'joinedMethod');
  const { joinedOn, active } = entity.properties;
  return {
    accountId: stringOf(entity, 'accountId'),
    id: stringOf(entity, 'id'),
    active: typeof active === 'boolean' ? active : null,
    arn: stringOf(entity, 'arn'),
    orgAccountArn: stringOf(entity, 'orgAccountArn'),
    name: stringOf(entity, 'name'),
    orgAccountName: stringOf(entity, 'orgAccountName'),
    displayName: stringOf(entity, 'displayName'),
    ...(email === undefined ? {} : { email }),
    ...(joinedMethod === undefined ? {} : { joinedMethod }),
    ...(typeof joinedOn === 'number' ? { joinedOn } : {}),
    status: stringOf(entity, 'status'),
    ...(parentId === undefined ? {} : { parentId }),
    path,
    ...withTags(entity),
    hasManagementEdge,
  };
}

function withTags(entity: Entity): { tags?: Record<string, string> } {
  if (entity.properties['tagsKnown'] !== true) return {};
  const tags = Object.entries(entity.properties).flatMap(([name, value]) =>
    name.startsWith('tag.') && typeof value === 'string' ? [[name.slice('tag.'.length), value] as const] : [],
  );
  return { tags: Object.fromEntries(tags) };
}

function optional(entity: Entity, name: string): string | undefined {
  const value = entity.properties[name];
  return typeof value === 'string' ? value : undefined;
}

function stringOf(entity: Entity, name: string): string {
  return optional(entity, name) ?? '';
}

function listOf(entity: Entity, name: string): string[] {
  const value = entity.properties[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
