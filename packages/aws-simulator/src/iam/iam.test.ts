import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { DescribeOrganizationCommand, ListAccountsCommand, ListRootsCommand } from '@aws-sdk/client-organizations';
import { GetResourcesCommand } from '@aws-sdk/client-resource-groups-tagging-api';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, failureOf, type Customer } from '../testing/customer.js';

const vendorId = '999988887777';
const externalId = 'tenant/42';
const RoleName = 'OrgtrailIntegration';

const policy = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = (Action: string | string[], Resource: string | string[] = '*') => ({ Effect: 'Allow', Action, Resource });
const trust = policy({
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${vendorId}:root` },
  Action: 'sts:AssumeRole',
  Condition: { StringEquals: { 'sts:ExternalId': externalId } },
});

let simulator: Simulator;
let iam: IAMClient;
let vendor: Customer;
let managementAccountId: string;

beforeEach(async () => {
  simulator = await startSimulator({ seed: 3, accounts: 10, organizationalUnits: 4 });
  iam = iamOf(simulator.credentials);
  vendor = customerOf(simulator, simulator.credentialsFor(vendorId));
  managementAccountId = simulator.organization.managementAccount.id;
});
afterEach(() => simulator.close());

const iamOf = (credentials: Simulator['credentials']): IAMClient =>
  new IAMClient({ endpoint: simulator.endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });

const createRole = (AssumeRolePolicyDocument = trust) => iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
const putPolicy = (PolicyDocument: string, PolicyName = 'inline') =>
  iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));

async function assume(ExternalId: string | undefined = externalId, from = vendor): Promise<Customer> {
  const RoleArn = `arn:aws:iam::${managementAccountId}:role/${RoleName}`;
  const { Credentials } = await from.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ExternalId }));
  return customerOf(simulator, {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  });
}

describe('a role of IAM', () => {
  it('is told as it was made, its document percent-encoded', async () => {
    const Tags = [{ Key: 'Team', Value: 'a b' }];
    const made = await iam.send(
      new CreateRoleCommand({ RoleName, Path: '/orgtrail/', AssumeRolePolicyDocument: trust, Description: 'Reads', Tags }),
    );
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    expect(Role).toEqual(made.Role);
    expect(Role).toMatchObject({
      Arn: `arn:aws:iam::${managementAccountId}:role/orgtrail/${RoleName}`,
      Path: '/orgtrail/',
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{16}$/),
      Description: 'Reads',
      MaxSessionDuration: 3600,
      CreateDate: expect.any(Date),
      Tags,
    });
    expect(Role!.AssumeRolePolicyDocument).not.toMatch(/[{}"]/);
    expect(decodeURIComponent(Role!.AssumeRolePolicyDocument!)).toBe(trust);
    expect((await iam.send(new ListRolesCommand({}))).Roles?.map(({ Arn }) => Arn)).toEqual([Role!.Arn]);
    expect((await iamOf(simulator.credentialsFor(vendorId)).send(new ListRolesCommand({}))).Roles).toEqual([]);
  });

  it('lets in whom its trust policy names, with the external id, and follows a change of it', async () => {
    await createRole();
    const session = await assume();
    expect((await session.sts.send(new GetCallerIdentityCommand({}))).Account).toBe(managementAccountId);
    expect((await failureOf(assume('other'))).name).toBe('AccessDenied');
    expect((await failureOf(assume(externalId, customerOf(simulator, simulator.credentialsFor('111122223333'))))).name).toBe(
      'AccessDenied',
    );
    const rotated = trust.replace(externalId, 'tenant/43');
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: rotated }));
    expect((await failureOf(assume())).name).toBe('AccessDenied');
    await assume('tenant/43');
  });

  it('lets nobody in for the sake of a service', async () => {
    await createRole(policy({ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }));
    expect((await failureOf(assume())).name).toBe('AccessDenied');
  });

  it('may do what its policies allow and nothing else, live sessions included', async () => {
    await createRole();
    const session = await assume();
    const list = () => session.organizations.send(new ListAccountsCommand({}));
    expect((await failureOf(list())).message).toMatch(/no identity-based policy allows the organizations:ListAccounts action/);
    await putPolicy(policy(allow(['organizations:List*', 'ORGANIZATIONS:describeorganization'])));
    await list();
    await session.organizations.send(new DescribeOrganizationCommand({}));
    expect((await failureOf(session.tagging.send(new GetResourcesCommand({})))).name).toBe('AccessDeniedException');
    await putPolicy(policy({ Effect: 'Deny', Action: 'organizations:ListAccounts', Resource: '*' }), 'denial');
    expect((await failureOf(list())).message).toMatch(/with an explicit deny in an identity-based policy/);
    await session.organizations.send(new ListRootsCommand({}));
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'denial' }));
    await list();
  });

  it('may do everything but what NotAction names', async () => {
    await createRole();
    await putPolicy(policy({ Effect: 'Allow', NotAction: 'organizations:ListRoots', Resource: '*' }));
    const session = await assume();
    await session.organizations.send(new ListAccountsCommand({}));
    expect((await failureOf(session.organizations.send(new ListRootsCommand({})))).name).toBe('AccessDeniedException');
  });

  it('is not helped by a resource that the call does not touch', async () => {
    await createRole();
    await putPolicy(policy(allow('organizations:*', `arn:aws:organizations::${managementAccountId}:account/*`)));
    expect((await failureOf((await assume()).organizations.send(new ListAccountsCommand({})))).name).toBe(
      'AccessDeniedException',
    );
  });

  it('has the permissions of managed policies while they are attached', async () => {
    await createRole();
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'OrgtrailReads', PolicyDocument: policy(allow('organizations:ListRoots')) }),
    );
    const PolicyArn = Policy!.Arn!;
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    const session = await assume();
    await session.organizations.send(new ListRootsCommand({}));
    expect((await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies).toEqual([
      { PolicyName: 'OrgtrailReads', PolicyArn },
    ]);
    const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    expect(decodeURIComponent(PolicyVersion!.Document!)).toBe(policy(allow('organizations:ListRoots')));
    expect((await failureOf(iam.send(new DeletePolicyCommand({ PolicyArn })))).name).toBe('DeleteConflictException');
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    expect((await failureOf(session.organizations.send(new ListRootsCommand({})))).name).toBe('AccessDeniedException');
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }));
    await session.organizations.send(new ListRootsCommand({}));
  });

  it('goes only when it has no policy any more, and can be made anew', async () => {
    await createRole();
    await putPolicy(policy(allow('organizations:*')));
    const deleteRole = () => iam.send(new DeleteRoleCommand({ RoleName }));
    expect(await failureOf(deleteRole())).toMatchObject({ name: 'DeleteConflictException', $metadata: { httpStatusCode: 409 } });
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual(['inline']);
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'inline' }));
    await deleteRole();
    expect(await failureOf(iam.send(new GetRoleCommand({ RoleName })))).toMatchObject({
      name: 'NoSuchEntityException',
      $metadata: { httpStatusCode: 404 },
    });
    expect((await failureOf(assume())).name).toBe('AccessDenied');
    await createRole();
    await assume();
  });

  it('is not there for IAM any more when a test took it away or put another in its place', async () => {
    await createRole();
    const arn = `arn:aws:iam::${managementAccountId}:role/${RoleName}`;
    simulator.actions.putRole({ arn, trustedPrincipal: vendorId });
    expect((await failureOf(iam.send(new GetRoleCommand({ RoleName })))).name).toBe('NoSuchEntityException');
    expect(await failureOf(createRole())).toMatchObject({
      name: 'EntityAlreadyExistsException',
      $metadata: { httpStatusCode: 409 },
    });
    simulator.actions.removeRole(arn);
    await createRole();
  });

  it('keeps description, session length and tags as they are changed', async () => {
    await createRole();
    await iam.send(new UpdateRoleCommand({ RoleName, Description: 'Reads', MaxSessionDuration: 7200 }));
    await iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'a', Value: '<&>' }] }));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    expect(Role).toMatchObject({ Description: 'Reads', MaxSessionDuration: 7200, Tags: [{ Key: 'a', Value: '<&>' }] });
  });

  it('gives a policy back as it was put', async () => {
    await createRole();
    const document = policy(allow('sqs:*', 'arn:aws:sqs:*:*:orgtrail-*'));
    await putPolicy(document);
    const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'inline' }));
    expect(decodeURIComponent(PolicyDocument!)).toBe(document);
    expect((await failureOf(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'x' })))).name).toBe(
      'NoSuchEntityException',
    );
  });
});

describe('IAM refuses', () => {
  const caller = { AWS: vendorId };
  it.each<[string, string]>([
    ['what is no JSON', '{'],
    ['a trust policy with resources', policy({ Effect: 'Allow', Principal: caller, Action: 'sts:AssumeRole', Resource: '*' })],
    ['a trust policy for other actions', policy({ Effect: 'Allow', Principal: caller, Action: 's3:GetObject' })],
    ['a trust policy without a principal', policy({ Effect: 'Allow', Action: 'sts:AssumeRole' })],
    ['a denial, which is not simulated', policy({ Effect: 'Deny', Principal: caller, Action: 'sts:AssumeRole' })],
    [
      'conditions that are not simulated',
      policy({
        Effect: 'Allow',
        Principal: caller,
        Action: 'sts:AssumeRole',
        Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
      }),
    ],
  ])('as a trust policy: %s', async (_what, document) => {
    const failure = await failureOf(createRole(document));
    expect(failure).toMatchObject({ name: 'MalformedPolicyDocumentException', $metadata: { httpStatusCode: 400 } });
    expect((await failureOf(iam.send(new GetRoleCommand({ RoleName })))).name).toBe('NoSuchEntityException');
  });

  it.each<[string, string]>([
    ['what is no JSON', '{'],
    ['a document without statements', JSON.stringify({ Version: '2012-10-17' })],
    ['an unknown version', JSON.stringify({ Version: '2012-10-18', Statement: [allow('sqs:*')] })],
    ['a principal', policy({ ...allow('sqs:*'), Principal: '*' })],
    ['a statement without actions', policy({ Effect: 'Allow', Resource: '*' })],
    ['a statement without resources', policy({ Effect: 'Allow', Action: 'sqs:*' })],
    ['an action without its service', policy(allow('ListAccounts'))],
    ['a resource that is no ARN', policy(allow('sqs:*', 'orgtrail-events'))],
    ['members that it does not know', policy({ ...allow('sqs:*'), Actions: 'sqs:*' })],
    [
      'conditions, which are not simulated',
      policy({ ...allow('sqs:*'), Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
    ],
    ['two statements of one name', policy({ Sid: 'a', ...allow('sqs:*') }, { Sid: 'a', ...allow('tag:*') })],
  ])('as a permission policy: %s', async (_what, document) => {
    await createRole();
    expect((await failureOf(putPolicy(document))).name).toBe('MalformedPolicyDocumentException');
    expect((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames).toEqual([]);
  });

  it('more than 10,240 characters of inline policies on one role', async () => {
    await createRole();
    const long = (from: number) =>
      policy(allow(Array.from({ length: 200 }, (_, number) => `organizations:ListSomethingLong${from + number}`)));
    await putPolicy(long(100), 'first');
    expect((await failureOf(putPolicy(long(300), 'second'))).name).toBe('LimitExceededException');
  });

  it('names and parameters that are not allowed or not simulated', async () => {
    const refused = (change: object) =>
      failureOf(iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust, ...change })));
    expect((await refused({ RoleName: 'a b' })).name).toBe('ValidationError');
    expect((await refused({ MaxSessionDuration: 60 })).name).toBe('ValidationError');
    expect((await refused({ PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess' })).message).toMatch(
      /does not know the parameter PermissionsBoundary/,
    );
  });
});
