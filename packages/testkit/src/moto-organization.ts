import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationCommand,
  CreateOrganizationalUnitCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
  RegisterDelegatedAdministratorCommand,
  TagResourceCommand,
  type Tag,
} from '@aws-sdk/client-organizations';
import { describeOrganizationByChildren, type DescribedOrganization } from './described-organization.js';
import { mapInParallel } from './map-in-parallel.js';

export interface MotoOrganizationShape {
  /** The management account included. */
  accounts: number;
  organizationalUnits: number;
  /** Levels of OUs below the root. */
  depth: number;
}

const PARALLEL_CALLS = 8;

/** The only ones that moto knows. */
const delegableServices = [
  'access-analyzer.amazonaws.com',
  'config-multiaccountsetup.amazonaws.com',
  'guardduty.amazonaws.com',
  'macie.amazonaws.com',
  'servicecatalog.amazonaws.com',
  'ssm.amazonaws.com',
];

/** Names and values that careless code trims, parses, escapes or overwrites. */
const oddNames = ['Zürich "prod"', "O'Brien & Söhne", '日本 運用', '000123', '<b>bold</b>', 'null', 'a/b|c:d'];
const oddTags: Tag[] = [
  { Key: 'CostCenter', Value: '000123' },
  { Key: 'Email', Value: 'owner@example.com' },
  { Key: 'empty', Value: '' },
  { Key: 'j1-integration', Value: 'SKIP' },
  { Key: 'team:größe', Value: ' spaces kept ' },
  { Key: 'Production', Value: 'true' },
  { Key: 'constructor', Value: 'an own member' },
];

/**
 * Builds an organization in an empty moto by its API, and returns how the API describes it, read by ListChildren, DescribeAccount and
 * ListTagsForResource. The same shape gives the same tree, names and tags each time; the ids are moto's and random.
 */
export async function buildMotoOrganization(endpoint: string, shape: MotoOrganizationShape): Promise<DescribedOrganization> {
  const client = new OrganizationsClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
  });
  try {
    await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
    const { Roots: roots = [] } = await client.send(new ListRootsCommand({}));
    const rootId = roots[0]!.Id!;
    await client.send(new TagResourceCommand({ ResourceId: rootId, Tags: tagsFor(1) }));
    const unitIds = await createUnits(client, rootId, shape);
    const accountIds = await createAccounts(client, { rootId, unitIds }, shape.accounts - 1);
    await delegate(client, accountIds);
    return await describeOrganizationByChildren(client);
  } finally {
    client.destroy();
  }
}

/** First one chain down to the full depth, then the rest spread over everything that may still have children. */
async function createUnits(client: OrganizationsClient, rootId: string, shape: MotoOrganizationShape): Promise<string[]> {
  const created: { id: string; level: number }[] = [];
  for (let index = 0; index < shape.organizationalUnits; index += 1) {
    const mayHaveChildren = [{ id: rootId, level: 0 }, ...created].filter(({ level }) => level < shape.depth);
    const parent = index < shape.depth ? mayHaveChildren.at(-1)! : mayHaveChildren[(index * 7) % mayHaveChildren.length]!;
    const { OrganizationalUnit: unit } = await client.send(
      new CreateOrganizationalUnitCommand({ ParentId: parent.id, Name: nameFor(index, 'OU'), Tags: tagsFor(index) }),
    );
    created.push({ id: unit!.Id!, level: parent.level + 1 });
  }
  return created.map(({ id }) => id);
}

/** Accounts in the root and in every OU but the last one, which stays empty; every fiftieth is closed. */
async function createAccounts(
  client: OrganizationsClient,
  { rootId, unitIds }: { rootId: string; unitIds: readonly string[] },
  count: number,
): Promise<string[]> {
  const homes = [rootId, ...unitIds.slice(0, -1)];
  return mapInParallel(
    Array.from({ length: count }, (_, index) => index),
    PARALLEL_CALLS,
    async (index) => {
      const { CreateAccountStatus: status } = await client.send(
        new CreateAccountCommand({
          AccountName: nameFor(index, 'account'),
          Email: `account-${index}@example.com`,
          Tags: tagsFor(index),
        }),
      );
      const accountId = status!.AccountId!;
      const home = homes[(index * 13) % homes.length]!;
      if (home !== rootId) {
        await client.send(new MoveAccountCommand({ AccountId: accountId, SourceParentId: rootId, DestinationParentId: home }));
      }
      if (index % 50 === 49) await client.send(new CloseAccountCommand({ AccountId: accountId }));
      return accountId;
    },
  );
}

/** A few accounts, with one, two, … services each. */
async function delegate(client: OrganizationsClient, accountIds: readonly string[]): Promise<void> {
  for (const [index, accountId] of accountIds.slice(0, 4).entries()) {
    for (const servicePrincipal of delegableServices.slice(index, 2 * index + 1)) {
      await client.send(new RegisterDelegatedAdministratorCommand({ AccountId: accountId, ServicePrincipal: servicePrincipal }));
    }
  }
}

function nameFor(index: number, kind: string): string {
  const odd = oddNames[index % 10];
  return odd === undefined ? `${kind} ${index}` : `${odd} ${kind} ${index}`;
}

/** Every third resource has no tags at all. */
function tagsFor(index: number): Tag[] {
  return index % 3 === 0 ? [] : oddTags.slice(index % oddTags.length, (index % oddTags.length) + 1 + (index % 3));
}
