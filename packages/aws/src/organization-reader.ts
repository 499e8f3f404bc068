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
  type Account,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { GetResourcesCommand, type ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts';
import type { Caller } from './caller.js';
import { declare } from './declared-actions.js';
import { AwsError } from './errors.js';
import { collectPages, walkPages } from './pages.js';
import {
  accountIdOf,
  partitionOf,
  readAccount,
  readHandshake,
  readOrganizationalUnit,
  readTags,
  required,
  unmasked,
} from './parse.js';
import type { Priority } from './waiting-line.js';
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
const organizationsResource = /^arn:[a-z0-9-]+:organizations::\d{12}:(account|ou|root)\/o-[a-z0-9]+\/(?:.*\/)?([^/]+)$/;

export interface ReaderOptions {
  priority: Priority;
  /** Ends everything that is being read: what is called afterwards, or still waits, rejects with its reason. */
  signal?: AbortSignal | undefined;
  onAttempt?: ((operation: string) => void) | undefined;
}

export function createOrganizationReader(
  clients: ReaderClients,
  caller: Caller,
  { priority, signal, onAttempt }: ReaderOptions,
): OrganizationReader {
  const { organizations, tagging, sts } = clients;
  const call = <T>(operation: string, send: () => Promise<T>): Promise<T> => {
    const attempt = (): Promise<T> => {
      onAttempt?.(operation);
      return send();
    };
    return caller.call(operation, priority, attempt, signal);
  };

  const accountsForParent = async (ParentId: string): Promise<Account[]> =>
    collectPages('ListAccountsForParent', async (NextToken) => {
      const page = await call('ListAccountsForParent', () =>
        organizations.send(new ListAccountsForParentCommand({ ParentId, MaxResults, NextToken })),
      );
      return { items: page.Accounts ?? [], nextToken: page.NextToken };
    });

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
      const arn = required(Organization?.Arn, 'Arn', operation);
      const email = unmasked(Organization?.MasterAccountEmail);
      return {
        id: required(Organization?.Id, 'Id', operation),
        arn,
        partition: partitionOf(arn, operation),
        managementAccountId: accountIdOf(Organization?.MasterAccountId, operation),
        managementAccountArn: Organization?.MasterAccountArn ?? '',
        ...(email === undefined ? {} : { managementAccountEmail: email }),
        featureSet: Organization?.FeatureSet ?? '',
      };
    },

    listAccounts: async function* (): AsyncGenerator<AccountRead[]> {
      const operation = 'ListAccounts';
      // After a restart accounts come again: whoever reads keeps them by id.
      const pages = walkPages(
        operation,
        async (NextToken) => {
          const page = await call(operation, () => organizations.send(new ListAccountsCommand({ MaxResults, NextToken })));
          return { items: page.Accounts ?? [], nextToken: page.NextToken };
        },
        () => undefined,
      );
      for await (const page of pages) yield page.map((account) => readAccount(account, operation));
    },

    listRoots: async () => {
      const operation = 'ListRoots';
      const roots = await collectPages(operation, async (NextToken) => {
        const page = await call(operation, () => organizations.send(new ListRootsCommand({ MaxResults, NextToken })));
        return { items: page.Roots ?? [], nextToken: page.NextToken };
      });
      if (roots.length === 0) throw new AwsError(`${operation}: the answer has no root.`, { kind: 'malformed', operation });
      return roots.map((root) => ({
        id: required(root.Id, 'Id', operation),
        arn: required(root.Arn, 'Arn', operation),
        name: root.Name ?? '',
        policyTypes: Object.fromEntries((root.PolicyTypes ?? []).map(({ Type, Status }) => [Type ?? '', Status ?? ''])),
      }));
    },

    listOrganizationalUnitsForParent: async (ParentId) => {
      const operation = 'ListOrganizationalUnitsForParent';
      const units = await collectPages(operation, async (NextToken) => {
        const page = await call(operation, () =>
          organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId, MaxResults, NextToken })),
        );
        return { items: page.OrganizationalUnits ?? [], nextToken: page.NextToken };
      });
      return units.map((unit) => readOrganizationalUnit(unit, operation));
    },

    listAccountsForParent: async (parentId) =>
      (await accountsForParent(parentId)).map((account) => readAccount(account, 'ListAccountsForParent')),

    listChildren: async (ParentId, ChildType) => {
      const operation = 'ListChildren';
      const children = await collectPages(operation, async (NextToken) => {
        const page = await call(operation, () =>
          organizations.send(new ListChildrenCommand({ ParentId, ChildType, MaxResults, NextToken })),
        );
        return { items: page.Children ?? [], nextToken: page.NextToken };
      });
      return children.map(({ Id }) => required(Id, 'Id', operation));
    },

    listParents: async (ChildId) => {
      const operation = 'ListParents';
      const parents = await collectPages(operation, async (NextToken) => {
        const page = await call(operation, () => organizations.send(new ListParentsCommand({ ChildId, MaxResults, NextToken })));
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
      const operation = 'ListTagsForResource';
      const tags = await collectPages(operation, async (NextToken) => {
        const page = await call(operation, () => organizations.send(new ListTagsForResourceCommand({ ResourceId, NextToken })));
        return { items: page.Tags ?? [], nextToken: page.NextToken };
      });
      return readTags(tags);
    },

    readTagIndex: async function* (): AsyncGenerator<TaggedResourceRead[]> {
      const operation = 'GetResources';
      const pages = walkPages(
        operation,
        async (PaginationToken) => {
          const page = await call(operation, () =>
            tagging.send(
              new GetResourcesCommand({
                ResourceTypeFilters: ['organizations'],
                ResourcesPerPage: tagIndexPage,
                PaginationToken,
              }),
            ),
          );
          return { items: page.ResourceTagMappingList ?? [], nextToken: page.PaginationToken };
        },
        () => undefined,
      );
      for await (const page of pages) {
        yield page.flatMap(({ ResourceARN, Tags }) => {
          const resourceId = organizationsResource.exec(ResourceARN ?? '')?.[2];
          return resourceId === undefined ? [] : [{ resourceId, tags: readTags(Tags) }];
        });
      }
    },

    listDelegatedAdministrators: async () => {
      const operation = 'ListDelegatedAdministrators';
      const administrators = await collectPages(operation, async (NextToken) => {
        const page = await call(operation, () =>
          organizations.send(new ListDelegatedAdministratorsCommand({ MaxResults, NextToken })),
        );
        return { items: page.DelegatedAdministrators ?? [], nextToken: page.NextToken };
      });
      return administrators.map(({ Id, DelegationEnabledDate }) => ({
        accountId: accountIdOf(Id, operation),
        ...(DelegationEnabledDate === undefined ? {} : { enabledAt: DelegationEnabledDate }),
      }));
    },

    listDelegatedServices: async (AccountId) => {
      const operation = 'ListDelegatedServicesForAccount';
      const services = await collectPages(operation, async (NextToken) => {
        const page = await call(operation, () =>
          organizations.send(new ListDelegatedServicesForAccountCommand({ AccountId, MaxResults, NextToken })),
        );
        return { items: page.DelegatedServices ?? [], nextToken: page.NextToken };
      });
      return services.map(({ ServicePrincipal, DelegationEnabledDate }) => ({
        servicePrincipal: required(ServicePrincipal, 'ServicePrincipal', operation),
        ...(DelegationEnabledDate === undefined ? {} : { enabledAt: DelegationEnabledDate }),
      }));
    },

    listHandshakes: async () => {
      const operation = 'ListHandshakesForOrganization';
      const handshakes = await collectPages(operation, async (NextToken) => {
        const page = await call(operation, () =>
          organizations.send(new ListHandshakesForOrganizationCommand({ MaxResults, NextToken })),
        );
        return { items: page.Handshakes ?? [], nextToken: page.NextToken };
      });
      return handshakes.map((handshake) => readHandshake(handshake, operation));
    },
  };
}
