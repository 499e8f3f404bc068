import {
  DescribeAccountCommand,
  DescribeOrganizationalUnitCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListChildrenCommand,
  ListDelegatedAdministratorsCommand,
  ListDelegatedServicesForAccountCommand,
  ListHandshakesForOrganizationCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { GetResourcesCommand, type ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Caller } from './caller.js';
import { declare } from './declared-actions.js';
import { AwsError } from './errors.js';
import {
  accountIdOf,
  partitionOf,
  readAccount,
  readHandshake,
  readOrganization,
  readOrganizationalUnit,
  readRoot,
  readTaggedResource,
  readTags,
  required,
} from './parse.js';
import { createReaderCalls, readEach, type ReaderOptions } from './reader-calls.js';
import type { AccountRead, OrganizationReader, TaggedResourceRead } from './reads.js';

export const organizationReadActions = [
  ...declare(
    'organizations',
    [
      'DescribeAccount',
      'DescribeOrganization',
      'DescribeOrganizationalUnit',
      'ListAccounts',
      'ListAccountsForParent',
      'ListChildren',
      'ListDelegatedAdministrators',
      'ListDelegatedServicesForAccount',
      'ListHandshakesForOrganization',
      'ListOrganizationalUnitsForParent',
      'ListParents',
      'ListRoots',
      'ListTagsForResource',
    ],
    'any',
  ),
  ...declare('tag', ['GetResources'], 'any'),
];

export interface ReaderClients {
  organizations: OrganizationsClient;
  tagging: ResourceGroupsTaggingAPIClient;
  sts: STSClient;
}

/** AWS's default and ceiling for the lists of Organizations. */
const MaxResults = 20;
const tagIndexPage = 100;

export function createOrganizationReader(clients: ReaderClients, caller: Caller, options: ReaderOptions): OrganizationReader {
  const { organizations, tagging, sts } = clients;
  const { call, list, walk } = createReaderCalls(caller, options);

  return {
    callerIdentity: async () => {
      const operation = 'GetCallerIdentity';
      const identity = await call(operation, () => sts.send(new GetCallerIdentityCommand({})));
      const arn = required(identity.Arn, 'Arn', operation);
      return { accountId: accountIdOf(identity.Account, operation), arn, partition: partitionOf(arn, operation) };
    },

    describeOrganization: async () => {
      const operation = 'DescribeOrganization';
      const { Organization } = await call(operation, () => organizations.send(new DescribeOrganizationCommand({})));
      return readOrganization(Organization ?? {}, operation);
    },

    listAccounts: async function* (onMalformed): AsyncGenerator<AccountRead[]> {
      const operation = 'ListAccounts';
      const pages = walk(operation, async (NextToken) => {
        const page = await organizations.send(new ListAccountsCommand({ MaxResults, NextToken }));
        return { items: page.Accounts ?? [], nextToken: page.NextToken };
      });
      for await (const page of pages) yield readEach(page, (account) => readAccount(account, operation), onMalformed);
    },

    listRoots: async () => {
      const operation = 'ListRoots';
      const roots = await list(operation, async (NextToken) => {
        const page = await organizations.send(new ListRootsCommand({ MaxResults, NextToken }));
        return { items: page.Roots ?? [], nextToken: page.NextToken };
      });
      if (roots.length === 0) throw new AwsError(`${operation}: the answer has no root.`, { kind: 'malformed', operation });
      return roots.map((root) => readRoot(root, operation));
    },

    listOrganizationalUnitsForParent: async (ParentId, onMalformed) => {
      const operation = 'ListOrganizationalUnitsForParent';
      const units = await list(operation, async (NextToken) => {
        const page = await organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId, MaxResults, NextToken }));
        return { items: page.OrganizationalUnits ?? [], nextToken: page.NextToken };
      });
      return readEach(units, (unit) => readOrganizationalUnit(unit, operation), onMalformed);
    },

    listAccountsForParent: async (ParentId) => {
      const operation = 'ListAccountsForParent';
      const accounts = await list(operation, async (NextToken) => {
        const page = await organizations.send(new ListAccountsForParentCommand({ ParentId, MaxResults, NextToken }));
        return { items: page.Accounts ?? [], nextToken: page.NextToken };
      });
      return accounts.map((account) => readAccount(account, operation));
    },

    listChildren: async (ParentId, ChildType) => {
      const operation = 'ListChildren';
      const children = await list(operation, async (NextToken) => {
        const page = await organizations.send(new ListChildrenCommand({ ParentId, ChildType, MaxResults, NextToken }));
        return { items: page.Children ?? [], nextToken: page.NextToken };
      });
      return children.map(({ Id }) => required(Id, 'Id', operation));
    },

    listParents: async (ChildId) => {
      const operation = 'ListParents';
      const parents = await list(operation, async (NextToken) => {
        const page = await organizations.send(new ListParentsCommand({ ChildId, MaxResults, NextToken }));
        return { items: page.Parents ?? [], nextToken: page.NextToken };
      });
      return parents.map(({ Id, Type }) => ({
        id: required(Id, 'Id', operation),
        type: Type === 'ROOT' ? ('ROOT' as const) : ('ORGANIZATIONAL_UNIT' as const),
      }));
    },

    describeAccount: async (AccountId) => {
      const operation = 'DescribeAccount';
      const { Account: account } = await call(operation, () => organizations.send(new DescribeAccountCommand({ AccountId })));
      return readAccount(account ?? {}, operation);
    },

    describeOrganizationalUnit: async (OrganizationalUnitId) => {
      const operation = 'DescribeOrganizationalUnit';
      const { OrganizationalUnit } = await call(operation, () =>
        organizations.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId })),
      );
      return readOrganizationalUnit(OrganizationalUnit ?? {}, operation);
    },

    listTags: async (ResourceId) => {
      const tags = await list('ListTagsForResource', async (NextToken) => {
        const page = await organizations.send(new ListTagsForResourceCommand({ ResourceId, NextToken }));
        return { items: page.Tags ?? [], nextToken: page.NextToken };
      });
      return readTags(tags);
    },

    readTagIndex: async function* (): AsyncGenerator<TaggedResourceRead[]> {
      const pages = walk('GetResources', async (PaginationToken) => {
        const page = await tagging.send(
          new GetResourcesCommand({ ResourceTypeFilters: ['organizations'], ResourcesPerPage: tagIndexPage, PaginationToken }),
        );
        return { items: page.ResourceTagMappingList ?? [], nextToken: page.PaginationToken };
      });
      for await (const page of pages) yield page.flatMap(readTaggedResource);
    },

    listDelegatedAdministrators: async () => {
      const operation = 'ListDelegatedAdministrators';
      const administrators = await list(operation, async (NextToken) => {
        const page = await organizations.send(new ListDelegatedAdministratorsCommand({ MaxResults, NextToken }));
        return { items: page.DelegatedAdministrators ?? [], nextToken: page.NextToken };
      });
      return administrators.map(({ Id, DelegationEnabledDate }) => ({
        accountId: accountIdOf(Id, operation),
        ...(DelegationEnabledDate === undefined ? {} : { enabledAt: DelegationEnabledDate }),
      }));
    },

    listDelegatedServices: async (AccountId) => {
      const operation = 'ListDelegatedServicesForAccount';
      const services = await list(operation, async (NextToken) => {
        const page = await organizations.send(new ListDelegatedServicesForAccountCommand({ AccountId, MaxResults, NextToken }));
        return { items: page.DelegatedServices ?? [], nextToken: page.NextToken };
      });
      return services.map(({ ServicePrincipal, DelegationEnabledDate }) => ({
        servicePrincipal: required(ServicePrincipal, 'ServicePrincipal', operation),
        ...(DelegationEnabledDate === undefined ? {} : { enabledAt: DelegationEnabledDate }),
      }));
    },

    listHandshakes: async () => {
      const operation = 'ListHandshakesForOrganization';
      const handshakes = await list(operation, async (NextToken) => {
        const page = await organizations.send(new ListHandshakesForOrganizationCommand({ MaxResults, NextToken }));
        return { items: page.Handshakes ?? [], nextToken: page.NextToken };
      });
      return handshakes.map((handshake) => readHandshake(handshake, operation));
    },
  };
}
