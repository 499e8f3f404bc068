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
});
