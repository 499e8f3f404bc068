import { isDeepStrictEqual } from 'node:util';
import type { OrganizationDocument } from '../document/document.js';
import type { VerifiedOrganization } from './read-organization.js';

export interface Difference {
  /** `account` or `organizational-unit`. */
  kind: 'account' | 'organizational-unit' | 'root';
  id: string;
  /** `missing in the graph`, `not in the organization`, or the name of what differs. */
  what: string;
  organization: string;
  graph: string;
}

/** Compares what AWS says with what the graph holds. Pure; sorted by kind and id. */
export function compareWithGraph(organization: VerifiedOrganization, graph: OrganizationDocument): Difference[] {
  const accounts = new Map(graph.accounts.map((account) => [account.accountId, account]));
  const units = new Map(graph.organizationalUnits.map((unit) => [unit.id, unit]));
  const differences: Difference[] = [
    ...presence('account', organization.accounts, accounts),
    ...presence('organizational-unit', organization.organizationalUnits, units),
    ...presence('root', new Map(organization.rootIds.map((id) => [id, id])), new Map(graph.roots.map(({ id }) => [id, id]))),
  ];
  for (const [id, account] of organization.accounts) {
    const stored = accounts.get(id);
    if (!stored) continue;
    differences.push(
      ...fields('account', id, [
        ['parent', account.parentId, stored.parentId],
        ['name', account.name, stored.name],
        ['status', account.state ?? 'UNKNOWN', stored.status],
        // While addresses are withheld the graph has none: that is no difference.
        ...(stored.email === undefined ? [] : [['email', account.email, stored.email] as const]),
        ['orgAccountArn', account.arn, stored.orgAccountArn],
        ['joinedMethod', account.joinedMethod, stored.joinedMethod],
        ['joinedOn', account.joinedAt?.getTime(), stored.joinedOn],
        ...(account.tags === undefined ? [] : [['tags', account.tags, stored.tags] as const]),
        ['management edge', id !== organization.managementAccountId, stored.hasManagementEdge],
      ]),
    );
  }
  for (const [id, unit] of organization.organizationalUnits) {
    const stored = units.get(id);
    if (!stored) continue;
    differences.push(
      ...fields('organizational-unit', id, [
        ['parent', unit.parentId, stored.parentId],
        ['name', unit.name, stored.name],
        ...(unit.tags === undefined ? [] : [['tags', unit.tags, stored.tags] as const]),
      ]),
    );
  }
  return differences.sort((left, right) =>
    `${left.kind} ${left.id} ${left.what}`.localeCompare(`${right.kind} ${right.id} ${right.what}`),
  );
}

function presence(
  kind: Difference['kind'],
  organization: ReadonlyMap<string, unknown>,
  graph: ReadonlyMap<string, unknown>,
): Difference[] {
  const missing = [...organization.keys()].filter((id) => !graph.has(id));
  const surplus = [...graph.keys()].filter((id) => !organization.has(id));
  return [
    ...missing.map((id) => ({ kind, id, what: 'missing in the graph', organization: 'present', graph: 'absent' })),
    ...surplus.map((id) => ({ kind, id, what: 'not in the organization', organization: 'absent', graph: 'present' })),
  ];
}

type Field = readonly [what: string, organization: unknown, graph: unknown];

function fields(kind: Difference['kind'], id: string, compared: readonly Field[]): Difference[] {
  return compared
    .filter(([, organization, graph]) => !isDeepStrictEqual(plain(organization), plain(graph)))
    .map(([what, organization, graph]) => ({ kind, id, what, organization: shown(organization), graph: shown(graph) }));
}

/** Absent and empty text are one; key order does not count. */
function plain(value: unknown): unknown {
  return value === '' ? undefined : value;
}

function shown(value: unknown): string {
  if (value === undefined || value === '') return '(none)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
