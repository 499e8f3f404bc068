import {
  DescribeAccountCommand,
  DescribeCreateAccountStatusCommand,
  DescribeHandshakeCommand,
  DescribeOrganizationalUnitCommand,
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListDelegatedServicesForAccountCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  paginateListAccounts,
  paginateListAccountsForParent,
  paginateListChildren,
  paginateListDelegatedAdministrators,
  paginateListHandshakesForOrganization,
  paginateListOrganizationalUnitsForParent,
  paginateListTagsForResource,
  type Account,
} from '@aws-sdk/client-organizations';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { defaultBehaviours } from '../behaviours.js';
import { customerOf, failureOf, type Customer } from '../testing/customer.js';

let simulator: Simulator;
let customer: Customer;

beforeAll(async () => {
  simulator = await startSimulator({ seed: 7, accounts: 61, organizationalUnits: 14 });
  customer = customerOf(simulator);
});
afterEach(() => simulator.setBehaviour(defaultBehaviours));
afterAll(() => simulator.close());

async function everyAccount(): Promise<Account[]> {
  const accounts: Account[] = [];
  for await (const page of paginateListAccounts({ client: customer.organizations }, {})) accounts.push(...(page.Accounts ?? []));
  return accounts;
}

describe('reading an organization with the real SDK', () => {
  it('describes the organization and its root', async () => {
    const { Organization } = await customer.organizations.send(new DescribeOrganizationCommand({}));
    const { Roots } = await customer.organizations.send(new ListRootsCommand({}));
    const { identity, root, managementAccount } = simulator.organization;
    expect(Organization).toMatchObject({
      Id: identity.id,
      Arn: `arn:aws:organizations::${managementAccount.id}:organization/${identity.id}`,
      FeatureSet: 'ALL',
      MasterAccountId: managementAccount.id,
      MasterAccountEmail: managementAccount.email,
    });
    expect(Roots).toEqual([
      { Id: root.id, Arn: root.arn, Name: 'Root', PolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }] },
    ]);
  });

  it('lists every account once, 20 a page, with state, time of joining and path', async () => {
    const first = await customer.organizations.send(new ListAccountsCommand({}));
    expect(first.Accounts).toHaveLength(20);
    const accounts = await everyAccount();
    const { organization } = simulator;
    expect(new Set(accounts.map(({ Id }) => Id))).toEqual(new Set(organization.accounts.keys()));
    expect(accounts).toHaveLength(61);
    for (const account of accounts) {
      const truth = organization.accounts.get(account.Id!)!;
      expect(account).toEqual({
        Id: truth.id,
        Arn: truth.arn,
        Email: truth.email,
        Name: truth.name,
        State: truth.state,
        JoinedMethod: truth.joinedMethod,
        JoinedTimestamp: new Date(truth.joinedAt),
        Paths: [`${organization.pathOf(truth.parentId)}${truth.id}/`],
      });
    }
  });

  it('walks the tree by parents and by children to the same accounts and units', async () => {
    const { organization } = simulator;
    const client = customer.organizations;
    const found = { units: new Map<string, string>(), accounts: new Map<string, string>() };
    const walk = async (parentId: string): Promise<void> => {
      for await (const page of paginateListAccountsForParent({ client }, { ParentId: parentId })) {
        for (const { Id } of page.Accounts ?? []) found.accounts.set(Id!, parentId);
      }
      const children: string[] = [];
      for await (const page of paginateListChildren({ client }, { ParentId: parentId, ChildType: 'ORGANIZATIONAL_UNIT' })) {
        children.push(...(page.Children ?? []).map(({ Id }) => Id!));
      }
      const units: string[] = [];
      for await (const page of paginateListOrganizationalUnitsForParent({ client }, { ParentId: parentId })) {
        for (const { Id, Path, Name } of page.OrganizationalUnits ?? []) {
          expect(Path).toBe(organization.pathOf(Id!));
          expect(Name).toBe(organization.organizationalUnits.get(Id!)?.name);
          found.units.set(Id!, parentId);
          units.push(Id!);
        }
      }
      expect(children).toEqual(units);
      for (const unit of units) await walk(unit);
    };
    await walk(organization.root.id);
    expect(found.accounts).toEqual(new Map([...organization.accounts].map(([id, { parentId }]) => [id, parentId])));
    expect(found.units).toEqual(new Map([...organization.organizationalUnits].map(([id, { parentId }]) => [id, parentId])));
  });

  it('describes single accounts and units, and names the parent of a child', async () => {
    const { organization } = simulator;
    const account = [...organization.accounts.values()].at(-1)!;
    const unit = [...organization.organizationalUnits.values()].at(-1)!;
    const { Account } = await customer.organizations.send(new DescribeAccountCommand({ AccountId: account.id }));
    const described = await customer.organizations.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: unit.id }));
    const { Parents } = await customer.organizations.send(new ListParentsCommand({ ChildId: account.id }));
    expect(Account).toMatchObject({ Id: account.id, Name: account.name });
    expect(described.OrganizationalUnit).toEqual({
      Id: unit.id,
      Arn: unit.arn,
      Name: unit.name,
      Path: organization.pathOf(unit.id),
    });
    expect(Parents).toEqual([{ Id: account.parentId, Type: account.parentId.startsWith('r-') ? 'ROOT' : 'ORGANIZATIONAL_UNIT' }]);
  });

  it('lists tags exactly as they are, over several pages where there are many', async () => {
    const { organization } = simulator;
    const most = [...organization.accounts.values()].sort((left, right) => right.tags.size - left.tags.size)[0]!;
    expect(most.tags.size).toBe(50);
    for (const { id, tags } of [most, organization.root, ...[...organization.organizationalUnits.values()].slice(0, 3)]) {
      const found = new Map<string, string>();
      for await (const page of paginateListTagsForResource({ client: customer.organizations }, { ResourceId: id })) {
        for (const { Key, Value } of page.Tags ?? []) found.set(Key!, Value!);
      }
      expect(found).toEqual(tags);
    }
    simulator.setBehaviour({ tagPageSize: 50 });
    const { Tags, NextToken } = await customer.organizations.send(new ListTagsForResourceCommand({ ResourceId: most.id }));
    expect(Tags).toHaveLength(50);
    expect(NextToken).toBeUndefined();
  });

  it('lists delegated administrators, their services, and invitations', async () => {
    const { organization } = simulator;
    const client = customer.organizations;
    const found = new Set<string>();
    for await (const page of paginateListDelegatedAdministrators({ client }, {})) {
      for (const { Id } of page.DelegatedAdministrators ?? []) {
        const { DelegatedServices } = await client.send(new ListDelegatedServicesForAccountCommand({ AccountId: Id! }));
        for (const { ServicePrincipal } of DelegatedServices ?? []) found.add(`${Id!}|${ServicePrincipal!}`);
      }
    }
    expect(found).toEqual(new Set(organization.delegations.keys()));
    for await (const page of paginateListHandshakesForOrganization({ client }, {})) {
      expect(page.Handshakes).toHaveLength(1);
      const [handshake] = page.Handshakes!;
      expect(handshake).toMatchObject({
        State: 'OPEN',
        Action: 'INVITE',
        Parties: [{ Type: 'ORGANIZATION' }, { Type: 'EMAIL' }],
      });
      const { Handshake } = await client.send(new DescribeHandshakeCommand({ HandshakeId: handshake!.Id! }));
      expect(Handshake).toEqual(handshake);
    }
  });

  it.each([
    ['DescribeAccount', new DescribeAccountCommand({ AccountId: '123456789012' }), 'AccountNotFoundException'],
    [
      'DescribeOrganizationalUnit',
      new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: 'ou-abcd-12345678' }),
      'OrganizationalUnitNotFoundException',
    ],
    ['DescribeHandshake', new DescribeHandshakeCommand({ HandshakeId: 'h-12345678' }), 'HandshakeNotFoundException'],
    [
      'DescribeCreateAccountStatus',
      new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: 'car-12345678' }),
      'CreateAccountStatusNotFoundException',
    ],
    ['ListParents', new ListParentsCommand({ ChildId: '123456789012' }), 'ChildNotFoundException'],
    ['an id that is none', new DescribeAccountCommand({ AccountId: 'twelve' }), 'InvalidInputException'],
    ['a page too large', new ListAccountsCommand({ MaxResults: 21 }), 'InvalidInputException'],
    ['a token that is none', new ListAccountsCommand({ NextToken: 'nonsense' }), 'InvalidInputException'],
  ])('refuses %s', async (_what, command, name) => {
    const failure = await failureOf(customer.organizations.send(command as DescribeAccountCommand));
    expect(failure.name).toBe(name);
    expect(failure['$metadata']).toMatchObject({ httpStatusCode: 400 });
    expect(failure.message).not.toBe('UnknownError');
  });
});

describe('reading an organization that behaves oddly', () => {
  it('leaves out paths and states as older servers do', async () => {
    simulator.setBehaviour({ withoutPaths: true, accountState: 'Status' });
    const closed = [...simulator.organization.accounts.values()].find(({ state }) => state === 'CLOSED')!;
    const { Account } = await customer.organizations.send(new DescribeAccountCommand({ AccountId: closed.id }));
    expect(Account).toMatchObject({ Status: 'SUSPENDED' });
    expect(Object.keys(Account!)).not.toContain('State');
    expect(Object.keys(Account!)).not.toContain('Paths');
    simulator.setBehaviour({ accountState: 'neither' });
    const without = await customer.organizations.send(new DescribeAccountCommand({ AccountId: closed.id }));
    expect(Object.keys(without.Account!)).not.toContain('Status');
  });

  it('answers with pages of 100 where it is set to', async () => {
    simulator.setBehaviour({ pageSize: 100 });
    const { Accounts, NextToken } = await customer.organizations.send(new ListAccountsCommand({}));
    expect(Accounts).toHaveLength(61);
    expect(NextToken).toBeUndefined();
  });

  it('sends empty pages with a token, and still every account', async () => {
    simulator.setBehaviour({ emptyPageRate: 1 });
    const sizes: number[] = [];
    for await (const page of paginateListAccounts({ client: customer.organizations }, {})) sizes.push(page.Accounts!.length);
    expect(sizes).toEqual([0, 20, 0, 20, 0, 20, 0, 1]);
  });

  it('refuses tokens that are too old or belong to another listing', async () => {
    const { NextToken } = await customer.organizations.send(new ListAccountsCommand({}));
    simulator.setBehaviour({ pageTokenLifetimeMs: -1 });
    const failure = await failureOf(customer.organizations.send(new ListAccountsCommand({ NextToken })));
    expect(failure).toMatchObject({ name: 'InvalidInputException', Reason: 'INVALID_NEXT_TOKEN' });
    simulator.setBehaviour({ pageTokenLifetimeMs: Infinity });
    const elsewhere = await failureOf(customer.organizations.send(new ListRootsCommand({ NextToken })));
    expect(elsewhere).toMatchObject({ name: 'InvalidInputException', Reason: 'INVALID_NEXT_TOKEN' });
  });

  it('denies, and breaks, the operations that it is told to', async () => {
    simulator.setBehaviour({ denied: ['ListAccounts'], failing: { ListRoots: 'server-error', DescribeOrganization: 'html' } });
    const denied = await failureOf(customer.organizations.send(new ListAccountsCommand({})));
    const broken = await failureOf(customer.organizations.send(new ListRootsCommand({})));
    const html = await failureOf(customer.organizations.send(new DescribeOrganizationCommand({})));
    expect(denied.name).toBe('AccessDeniedException');
    expect(broken).toMatchObject({ name: 'ServiceException', $metadata: { httpStatusCode: 500 } });
    expect(html).toMatchObject({ $response: { statusCode: 500 } });
  });

  it('fails by chance where a rate is set', async () => {
    simulator.setBehaviour({ failing: { ListRoots: { how: 'throttled', rate: 0.3 } } });
    let failed = 0;
    for (let call = 0; call < 60; call += 1) {
      await customer.organizations.send(new ListRootsCommand({})).catch(() => (failed += 1));
    }
    expect(failed).toBeGreaterThan(5);
    expect(failed).toBeLessThan(40);
  });

  it('throttles by the published buckets, and lets the SDK see it as throttling', async () => {
    simulator.setBehaviour({ throttling: true });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, () => customer.organizations.send(new ListRootsCommand({}))),
    );
    const refused = outcomes
      .filter((outcome) => outcome.status === 'rejected')
      .map(({ reason }: PromiseRejectedResult) => reason as Error);
    // Two tokens in the bucket, and at most a few more while the six calls run.
    expect(refused.length).toBeGreaterThanOrEqual(1);
    for (const reason of refused) expect(reason).toMatchObject({ name: 'TooManyRequestsException', Type: 'RATE_LIMIT' });
  });

  it('counts calls by operation until it is told to begin anew', async () => {
    simulator.resetCalls();
    await everyAccount();
    await customer.organizations.send(new ListRootsCommand({}));
    expect(simulator.calls).toEqual({ ListAccounts: 4, ListRoots: 1 });
    simulator.resetCalls();
    expect(simulator.calls).toEqual({});
  });
});
