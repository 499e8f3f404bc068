import {
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  DescribeOrganizationalUnitCommand,
  ListDelegatedServicesForAccountCommand,
  paginateListChildren,
  paginateListDelegatedAdministrators,
  paginateListRoots,
  paginateListTagsForResource,
  type ChildType,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { mapInParallel } from './map-in-parallel.js';

/** An organization as plain data, as the API describes it. Lists are sorted by id. */
export interface DescribedOrganization {
  organization: { id: string; arn: string; featureSet: string; managementAccountId: string; managementAccountEmail: string };
  roots: DescribedRoot[];
  organizationalUnits: DescribedOrganizationalUnit[];
  accounts: DescribedAccount[];
  delegated: { accountId: string; servicePrincipals: string[] }[];
}

export interface DescribedRoot {
  id: string;
  arn: string;
  name: string;
  tags: Record<string, string>;
}

export interface DescribedOrganizationalUnit extends DescribedRoot {
  parentId: string;
}

export interface DescribedAccount {
  id: string;
  arn: string;
  name: string;
  email: string;
  /** `State`, else the retired `Status`; absent when there is neither. */
  state?: string;
  joinedMethod?: string;
  /** Epoch milliseconds. */
  joinedTimestamp?: number;
  parentId: string;
  tags: Record<string, string>;
}

const PARALLEL_CALLS = 8;

/**
 * Reads an organization by the path that our readers do not take: ListRoots, ListChildren downwards, then one DescribeAccount or
 * DescribeOrganizationalUnit and one ListTagsForResource per id.
 */
export async function describeOrganizationByChildren(client: OrganizationsClient): Promise<DescribedOrganization> {
  const { Organization: organization } = await client.send(new DescribeOrganizationCommand({}));
  const roots: DescribedRoot[] = [];
  for await (const { Roots: page = [] } of paginateListRoots({ client }, {})) {
    for (const { Id, Arn, Name } of page) roots.push({ id: Id!, arn: Arn!, name: Name!, tags: await tagsOf(client, Id!) });
  }

  const units: { id: string; parentId: string }[] = [];
  const accounts: { id: string; parentId: string }[] = [];
  let level = roots.map(({ id }) => id);
  while (level.length > 0) {
    const below = await mapInParallel(level, PARALLEL_CALLS, async (parentId) => ({
      units: await childrenOf(client, parentId, 'ORGANIZATIONAL_UNIT'),
      accounts: await childrenOf(client, parentId, 'ACCOUNT'),
    }));
    units.push(...below.flatMap((found) => found.units));
    accounts.push(...below.flatMap((found) => found.accounts));
    level = below.flatMap((found) => found.units.map(({ id }) => id));
  }

  return {
    organization: {
      id: organization!.Id!,
      arn: organization!.Arn!,
      featureSet: organization!.FeatureSet!,
      managementAccountId: organization!.MasterAccountId!,
      managementAccountEmail: organization!.MasterAccountEmail!,
    },
    roots,
    organizationalUnits: sortedById(await mapInParallel(units, PARALLEL_CALLS, (unit) => describeUnit(client, unit))),
    accounts: sortedById(await mapInParallel(accounts, PARALLEL_CALLS, (account) => describeAccount(client, account))),
    delegated: await delegatedIn(client),
  };
}

async function childrenOf(
  client: OrganizationsClient,
  parentId: string,
  type: ChildType,
): Promise<{ id: string; parentId: string }[]> {
  const found: { id: string; parentId: string }[] = [];
  for await (const { Children: page = [] } of paginateListChildren({ client }, { ParentId: parentId, ChildType: type })) {
    found.push(...page.map(({ Id }) => ({ id: Id!, parentId })));
  }
  return found;
}

async function describeUnit(
  client: OrganizationsClient,
  { id, parentId }: { id: string; parentId: string },
): Promise<DescribedOrganizationalUnit> {
  const { OrganizationalUnit: unit } = await client.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: id }));
  return { id, arn: unit!.Arn!, name: unit!.Name!, parentId, tags: await tagsOf(client, id) };
}

async function describeAccount(
  client: OrganizationsClient,
  { id, parentId }: { id: string; parentId: string },
): Promise<DescribedAccount> {
  const { Account: account } = await client.send(new DescribeAccountCommand({ AccountId: id }));
  const { Arn, Name, Email, State, Status, JoinedMethod, JoinedTimestamp } = account!;
  const state = State ?? Status;
  return {
    id,
    arn: Arn!,
    name: Name!,
    email: Email!,
    ...(state === undefined ? {} : { state }),
    ...(JoinedMethod === undefined ? {} : { joinedMethod: JoinedMethod }),
    ...(JoinedTimestamp === undefined ? {} : { joinedTimestamp: JoinedTimestamp.getTime() }),
    parentId,
    tags: await tagsOf(client, id),
  };
}

async function tagsOf(client: OrganizationsClient, resourceId: string): Promise<Record<string, string>> {
  const tags: [string, string][] = [];
  for await (const { Tags: page = [] } of paginateListTagsForResource({ client }, { ResourceId: resourceId })) {
    tags.push(...page.map(({ Key, Value }): [string, string] => [Key!, Value!]));
  }
  return Object.fromEntries(tags);
}

async function delegatedIn(client: OrganizationsClient): Promise<DescribedOrganization['delegated']> {
  const delegated: DescribedOrganization['delegated'] = [];
  for await (const { DelegatedAdministrators: page = [] } of paginateListDelegatedAdministrators({ client }, {})) {
    for (const { Id } of page) {
      const { DelegatedServices: services = [] } = await client.send(
        new ListDelegatedServicesForAccountCommand({ AccountId: Id! }),
      );
      delegated.push({ accountId: Id!, servicePrincipals: services.map(({ ServicePrincipal }) => ServicePrincipal!).sort() });
    }
  }
  return delegated.sort((left, right) => left.accountId.localeCompare(right.accountId));
}

function sortedById<T extends { id: string }>(items: readonly T[]): T[] {
  return [...items].sort((left, right) => left.id.localeCompare(right.id));
}
