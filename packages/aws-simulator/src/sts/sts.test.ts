import {
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListRootsCommand,
  TagResourceCommand,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, GetCallerIdentityCommand, type AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, failureOf, type Customer } from '../testing/customer.js';

const vendorId = '999988887777';
const externalId = 'tenant/42:abc=+,.@-';
let simulator: Simulator;
let vendor: Customer;
let roleArn: string;
let clock: number;

beforeEach(async () => {
  clock = Date.UTC(2026, 10, 1);
  simulator = await startSimulator({ seed: 5, accounts: 10, organizationalUnits: 3, now: () => clock });
  vendor = customerOf(simulator, simulator.credentialsFor(vendorId));
  roleArn = `arn:aws:iam::${simulator.organization.managementAccount.id}:role/orgtrail/reader`;
  simulator.actions.putRole({ arn: roleArn, trustedPrincipal: `arn:aws:iam::${vendorId}:root`, externalId });
});
afterEach(() => simulator.close());

async function assume(from: Customer = vendor, change: Partial<AssumeRoleCommandInput> = {}): Promise<Customer> {
  const input = { RoleArn: roleArn, RoleSessionName: 'discovery', ExternalId: externalId, ...change };
  const { Credentials } = await from.sts.send(new AssumeRoleCommand(input));
  return customerOf(simulator, {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  });
}

const firstMemberId = (): string => {
  const { accounts, managementAccount } = simulator.organization;
  return [...accounts.keys()].find((id) => id !== managementAccount.id)!;
};

describe('GetCallerIdentity', () => {
  it('names the account, the ARN and the user', async () => {
    const { id } = simulator.organization.managementAccount;
    expect(await customerOf(simulator).sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: id,
      Arn: `arn:aws:iam::${id}:user/orgtrail`,
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{16}$/),
    });
  });
});

describe('AssumeRole', () => {
  it('gives a session that may read the organization, and not change it', async () => {
    const session = await assume();
    const { id } = simulator.organization.managementAccount;
    expect(await session.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: id,
      Arn: `arn:aws:sts::${id}:assumed-role/reader/discovery`,
    });
    expect((await session.organizations.send(new ListAccountsCommand({}))).Accounts).toHaveLength(10);
    const tag = new TagResourceCommand({ ResourceId: id, Tags: [{ Key: 'k', Value: 'v' }] });
    expect((await failureOf(session.organizations.send(tag))).name).toBe('AccessDeniedException');
  });

  it.each<[string, Partial<AssumeRoleCommandInput>]>([
    ['without the external id', { ExternalId: undefined }],
    ['with a wrong external id', { ExternalId: 'tenant/43' }],
    ['of a role that does not exist', { RoleArn: 'arn:aws:iam::123456789012:role/none' }],
  ])('is denied %s, in the same words', async (_what, change) => {
    const failure = await failureOf(assume(vendor, change));
    expect(failure).toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    expect(failure.message).toMatch(/is not authorized to perform: sts:AssumeRole on resource: arn:/);
  });

  it('is denied to principals that the role does not trust', async () => {
    const other = customerOf(simulator, simulator.credentialsFor('111122223333'));
    expect((await failureOf(assume(other))).name).toBe('AccessDenied');
    simulator.actions.putRole({ arn: roleArn, trustedPrincipal: 'arn:aws:iam::111122223333:user/orgtrail', externalId });
    await assume(other);
    expect((await failureOf(assume())).name).toBe('AccessDenied');
  });

  it('succeeds without an external id where the role demands none, which is what a check must notice', async () => {
    simulator.actions.putRole({ arn: roleArn, trustedPrincipal: vendorId });
    await assume(vendor, { ExternalId: undefined });
    await assume(vendor, { ExternalId: 'anything' });
  });

  it.each<[string, Partial<AssumeRoleCommandInput>]>([
    ['a session name of one character', { RoleSessionName: 'x' }],
    ['an external id with a space', { ExternalId: 'a b' }],
    ['five minutes', { DurationSeconds: 300 }],
    ['an ARN that is none', { RoleArn: 'arn:aws:iam::1:role/x-of-some-length' }],
  ])('refuses %s', async (_what, change) => {
    expect((await failureOf(assume(vendor, change))).name).toBe('ValidationError');
  });

  it('chains roles for an hour at most', async () => {
    const session = await assume();
    const memberRole = `arn:aws:iam::${firstMemberId()}:role/member`;
    simulator.actions.putRole({ arn: memberRole, trustedPrincipal: roleArn, externalId });
    expect((await failureOf(assume(session, { RoleArn: memberRole, DurationSeconds: 7200 }))).message).toMatch(/role chaining/);
    const member = await assume(session, { RoleArn: memberRole });
    expect((await member.sts.send(new GetCallerIdentityCommand({}))).Account).toBe(firstMemberId());
    expect((await member.organizations.send(new DescribeOrganizationCommand({}))).Organization?.Id).toBe(
      simulator.organization.identity.id,
    );
  });

  it('keeps the session to its own policy', async () => {
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'organizations:Describe*', Resource: '*' }],
    });
    const session = await assume(vendor, { Policy });
    await session.organizations.send(new DescribeOrganizationCommand({}));
    expect((await failureOf(session.organizations.send(new ListRootsCommand({})))).message).toMatch(/no session policy allows/);
    expect((await failureOf(assume(vendor, { Policy: '{' }))).name).toBe('MalformedPolicyDocumentException');
  });

  it('lets a role without the permission read nothing', async () => {
    simulator.actions.putRole({ arn: roleArn, trustedPrincipal: vendorId, externalId, canReadOrganization: false });
    const session = await assume();
    expect((await failureOf(session.organizations.send(new DescribeOrganizationCommand({})))).message).toMatch(
      /no identity-based policy allows the organizations:DescribeOrganization action/,
    );
  });

  it('ends the session when its time is over', async () => {
    const session = await assume(vendor, { DurationSeconds: 900 });
    clock += 899_000;
    await session.organizations.send(new ListRootsCommand({}));
    clock += 1_000;
    expect((await failureOf(session.organizations.send(new ListRootsCommand({})))).name).toBe('ExpiredTokenException');
    expect((await failureOf(session.sts.send(new GetCallerIdentityCommand({})))).name).toBe('ExpiredToken');
  });

  it('knows a role in every account, of those that join later too, but of no other', async () => {
    simulator.actions.putRoleInEveryAccount({ roleName: 'orgtrail/member', trustedPrincipal: vendorId, externalId });
    const { accountId } = simulator.actions.createAccount({ accountName: 'late', email: 'late@example.com' });
    for (const id of [firstMemberId(), accountId!]) {
      const member = await assume(vendor, { RoleArn: `arn:aws:iam::${id}:role/orgtrail/member` });
      expect((await member.sts.send(new GetCallerIdentityCommand({}))).Account).toBe(id);
    }
    const outside = assume(vendor, { RoleArn: 'arn:aws:iam::123456789012:role/orgtrail/member' });
    expect((await failureOf(outside)).name).toBe('AccessDenied');
  });

  it('goes by what is said of one account before what is said of all, a removal included', async () => {
    const everywhere = { roleName: 'security/orgtrail', trustedPrincipal: vendorId };
    simulator.actions.putRoleInEveryAccount(everywhere);
    const arn = `arn:aws:iam::${firstMemberId()}:role/security/orgtrail`;
    simulator.actions.putRole({ arn, trustedPrincipal: vendorId, externalId: 'its-own' });
    expect((await failureOf(assume(vendor, { RoleArn: arn }))).name).toBe('AccessDenied');
    await assume(vendor, { RoleArn: arn, ExternalId: 'its-own' });
    simulator.actions.removeRole(arn);
    simulator.actions.putRoleInEveryAccount(everywhere);
    expect((await failureOf(assume(vendor, { RoleArn: arn }))).name).toBe('AccessDenied');
    await assume(vendor, { RoleArn: arn.replace(firstMemberId(), simulator.organization.managementAccount.id) });
    simulator.actions.putRole({ arn, trustedPrincipal: vendorId });
    await assume(vendor, { RoleArn: arn });
    expect((await failureOf(assume(vendor, { RoleArn: arn.replace('security/', '') }))).name).toBe('AccessDenied');
  });

  it('finds a role only some time after it was put, and the former one until then', async () => {
    simulator.actions.putRole({ arn: roleArn, trustedPrincipal: vendorId, externalId: 'rotated', propagationMs: 10_000 });
    const rotated = { ExternalId: 'rotated' };
    await assume();
    expect((await failureOf(assume(vendor, rotated))).name).toBe('AccessDenied');
    clock += 10_000;
    await assume(vendor, rotated);
    expect((await failureOf(assume())).name).toBe('AccessDenied');
  });

  it('finds a role of every account only some time after the account joined', async () => {
    simulator.actions.putRoleInEveryAccount({ roleName: 'member', trustedPrincipal: vendorId, propagationMs: 60_000 });
    const there = { RoleArn: `arn:aws:iam::${firstMemberId()}:role/member` };
    expect((await failureOf(assume(vendor, there))).name).toBe('AccessDenied');
    clock += 60_000;
    await assume(vendor, there);
    clock += 1_000;
    const { accountId } = simulator.actions.createAccount({ accountName: 'late', email: 'late@example.com' });
    const late = { RoleArn: `arn:aws:iam::${accountId!}:role/member` };
    expect((await failureOf(assume(vendor, late))).name).toBe('AccessDenied');
    clock += 60_000;
    await assume(vendor, late);
  });

  it.each([
    ['Throttling', 400],
    ['RegionDisabledException', 403],
  ])('fails with %s as the role says, or as all of STS does', async (code, status) => {
    simulator.actions.putRole({ arn: roleArn, trustedPrincipal: vendorId, assumingFails: { code, status } });
    expect(await failureOf(assume())).toMatchObject({ name: code, $metadata: { httpStatusCode: status } });
    simulator.setBehaviour({ failing: { AssumeRole: 'throttled' } });
    expect((await failureOf(assume())).name).toBe('Throttling');
    simulator.setBehaviour({ failing: { AssumeRole: 'server-error' } });
    expect(await failureOf(assume())).toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });

  it.each([
    ['another-organization', { Organization: { Id: 'o-anotherone1' } }],
    ['no-organization', { name: 'AWSOrganizationsNotInUseException' }],
  ] as const)('leads into an account of %s', async (describes, expected) => {
    const arn = `arn:aws:iam::${firstMemberId()}:role/member`;
    simulator.actions.putRole({ arn, account: '123456789012', trustedPrincipal: vendorId, describes });
    const elsewhere = await assume(vendor, { RoleArn: arn });
    expect((await elsewhere.sts.send(new GetCallerIdentityCommand({}))).Account).toBe('123456789012');
    simulator.actions.putRole({ arn, trustedPrincipal: vendorId, describes });
    const session = await assume(vendor, { RoleArn: arn });
    const described = session.organizations.send(new DescribeOrganizationCommand({})).catch((error: unknown) => error);
    expect(await described).toMatchObject(expected);
  });

  it('notes each call by role, session name, outcome and time', async () => {
    await assume();
    await failureOf(assume(vendor, { ExternalId: 'wrong', RoleSessionName: 'negative' }));
    simulator.actions.putRole({ arn: roleArn, trustedPrincipal: vendorId, assumingFails: { code: 'Throttling', status: 400 } });
    await failureOf(assume());
    expect(simulator.roleAssumptions).toEqual([
      { roleArn, sessionName: 'discovery', outcome: 'assumed', at: clock },
      { roleArn, sessionName: 'negative', outcome: 'refused', at: clock },
      { roleArn, sessionName: 'discovery', outcome: 'failed', at: clock },
    ]);
  });
});

describe('a role made from a trust policy', () => {
  const statement = (principal: string | string[], ids?: string | string[]) => ({
    Effect: 'Allow' as const,
    Principal: { AWS: principal },
    Action: 'sts:AssumeRole',
    ...(ids === undefined ? {} : { Condition: { StringEquals: { 'sts:ExternalId': ids } } }),
  });
  const other = () => customerOf(simulator, simulator.credentialsFor('111122223333'));

  it('takes any of its principals with any of its external ids', async () => {
    const policy = {
      Version: '2012-10-17',
      Statement: statement([`arn:aws:iam::${vendorId}:root`, '111122223333'], ['a1', 'b2']),
    };
    simulator.actions.putRoleFromTrustPolicy({ arn: roleArn, policy });
    for (const customer of [vendor, other()]) {
      for (const ExternalId of ['a1', 'b2']) await assume(customer, { ExternalId });
      for (const ExternalId of ['c3', 'A1', undefined]) {
        expect((await failureOf(assume(customer, { ExternalId }))).name).toBe('AccessDenied');
      }
    }
  });

  it('is as open as the widest of its statements: one without a condition lets anybody of its principals in', async () => {
    simulator.actions.putRoleFromTrustPolicy({
      arn: roleArn,
      policy: { Statement: [statement(vendorId, 'a1'), statement('111122223333')] },
    });
    await assume(other(), { ExternalId: undefined });
    expect((await failureOf(assume(vendor, { ExternalId: undefined }))).name).toBe('AccessDenied');
    await assume(vendor, { ExternalId: 'a1' });
  });

  it('lets nobody in for the sake of a service, and others on their own statements', async () => {
    const service = {
      Effect: 'Allow' as const,
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'aws:SourceAccount': vendorId } },
    };
    simulator.actions.putRoleFromTrustPolicy({ arn: roleArn, policy: { Statement: service } });
    expect((await failureOf(assume())).name).toBe('AccessDenied');
    simulator.actions.putRoleFromTrustPolicy({ arn: roleArn, policy: { Statement: [service, statement(vendorId, 'a1')] } });
    await assume(vendor, { ExternalId: 'a1' });
    expect((await failureOf(assume(other(), { ExternalId: 'a1' }))).name).toBe('AccessDenied');
  });

  it('stands in every account under its name with its path', async () => {
    simulator.actions.putRoleFromTrustPolicy({
      roleName: 'security/orgtrail',
      policy: { Statement: [statement(vendorId, 'a1')] },
    });
    await assume(vendor, { RoleArn: `arn:aws:iam::${firstMemberId()}:role/security/orgtrail`, ExternalId: 'a1' });
  });

  it.each<[string, object]>([
    ['a denial', { Effect: 'Deny' }],
    ['principals of other kinds', { Principal: { Federated: 'cognito-identity.amazonaws.com' } }],
    ['conditions that it would not apply', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-exampleorgid' } } }],
    ['other operators', { Condition: { StringLike: { 'sts:ExternalId': 'a*' } } }],
  ])('refuses %s instead of making another role than the policy says', (_what, change) => {
    const policy = { Statement: [{ ...statement(vendorId, 'a1'), ...change }] };
    expect(() => simulator.actions.putRoleFromTrustPolicy({ arn: roleArn, policy })).toThrow(RangeError);
  });
});
