import { isDeepStrictEqual } from 'node:util';
import type { OrganizationView } from '@orgtrail/aws-simulator';
import type { GraphSnapshot } from '@orgtrail/graph-writer';

/**
 * Compares a graph with the simulator's memory, never through our readers: nodes, edges, properties. Answers one line per
 * difference; none means equal.
 */
export function differencesOf(graph: GraphSnapshot, organization: OrganizationView): string[] {
  return [
    ...compare('node', expectedNodes(organization), new Map(graph.entities.map(({ key, properties }) => [key, properties]))),
    ...compareEdges(organization, graph),
  ];
}

type Properties = Record<string, unknown>;

const tagged = (tags: ReadonlyMap<string, string>): Properties =>
  Object.fromEntries([...tags].map(([key, value]) => [`tag.${key}`, value]));

function keysOf(organization: OrganizationView) {
  const { managementAccountId } = organization.identity;
  const arn = (resource: string) => `arn:aws:organizations::${managementAccountId}:${resource}`;
  return {
    organization: arn(`organization/${organization.organizationId}`),
    parent: (id: string) => arn(`${id.startsWith('r-') ? 'root' : 'ou'}/${organization.organizationId}/${id}`),
    account: (id: string) => `arn:aws:iam::${id}:root`,
  };
}

function expectedNodes(organization: OrganizationView): Map<string, Properties> {
  const key = keysOf(organization);
  const nodes = new Map<string, Properties>([
    [key.organization, { id: organization.organizationId }],
    [
      key.parent(organization.root.id),
      { id: organization.root.id, name: organization.root.name, ...tagged(organization.root.tags) },
    ],
  ]);
  for (const unit of organization.organizationalUnits.values()) {
    nodes.set(key.parent(unit.id), {
      id: unit.id,
      name: unit.name,
      parentId: unit.parentId,
      ...tagged(unit.tags),
    });
  }
  for (const account of organization.accounts.values()) {
    nodes.set(key.account(account.id), {
      accountId: account.id,
      id: account.id,
      name: account.name,
      orgAccountName: account.name,
      email: account.email,
      status: account.state,
      active: account.state === 'ACTIVE',
      joinedMethod: account.joinedMethod,
      joinedOn: account.joinedAt,
      parentId: account.parentId,
      master: account.id === organization.identity.managementAccountId,
      ...tagged(account.tags),
    });
  }
  for (const handshake of openHandshakes(organization)) nodes.set(handshake.arn, { id: handshake.id, status: handshake.state });
  return nodes;
}

/** AWS lists an invitation for 30 days after its end; for the graph it has ended then. */
const openHandshakes = (organization: OrganizationView) =>
  [...organization.handshakes.values()].filter(({ state }) => state === 'OPEN');

function compare(what: string, expected: ReadonlyMap<string, Properties>, actual: ReadonlyMap<string, Properties>): string[] {
  const differences: string[] = [];
  for (const [key, properties] of expected) {
    const found = actual.get(key);
    if (!found) {
      differences.push(`${what} ${key} is missing`);
      continue;
    }
    for (const [name, value] of Object.entries(properties)) {
      if (!isDeepStrictEqual(found[name], value)) {
        differences.push(`${what} ${key}: ${name} is ${JSON.stringify(found[name])}, expected ${JSON.stringify(value)}`);
      }
    }
    for (const name of Object.keys(found)) {
      if (name.startsWith('tag.') && !(name in properties))
        differences.push(`${what} ${key}: ${name} is not in the organization`);
    }
  }
  for (const key of actual.keys()) if (!expected.has(key)) differences.push(`${what} ${key} is not in the organization`);
  return differences;
}

function compareEdges(organization: OrganizationView, graph: GraphSnapshot): string[] {
  const key = keysOf(organization);
  const { managementAccountId } = organization.identity;
  const expected = new Set<string>([`${key.organization}|has|${key.parent(organization.root.id)}`]);
  for (const unit of organization.organizationalUnits.values())
    expected.add(`${key.parent(unit.parentId)}|has|${key.parent(unit.id)}`);
  for (const account of organization.accounts.values()) {
    expected.add(`${key.parent(account.parentId)}|has|${key.account(account.id)}`);
    if (account.id !== managementAccountId) expected.add(`${key.account(managementAccountId)}|has|${key.account(account.id)}`);
  }
  for (const handshake of openHandshakes(organization)) expected.add(`${key.organization}|has|${handshake.arn}`);
  for (const { accountId, servicePrincipal } of organization.delegations.values()) {
    expected.add(`${key.account(accountId)}|manages|${key.organization}|${servicePrincipal}`);
  }
  const actual = new Set(graph.relationships.map((relationship) => relationship.key));
  return [
    ...[...expected].filter((edge) => !actual.has(edge)).map((edge) => `edge ${edge} is missing`),
    ...[...actual].filter((edge) => !expected.has(edge)).map((edge) => `edge ${edge} is not in the organization`),
  ];
}
