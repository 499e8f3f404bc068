import {
  ActivateOrganizationsAccessCommand,
  CloudFormationClient,
  CreateStackInstancesCommand,
  CreateStackSetCommand,
  DeactivateOrganizationsAccessCommand,
  DeleteStackInstancesCommand,
  DeleteStackSetCommand,
  DescribeOrganizationsAccessCommand,
  DescribeStackInstanceCommand,
  DescribeStackSetCommand,
  DescribeStackSetOperationCommand,
  DescribeStacksCommand,
  ListStackInstancesCommand,
  ListStackSetOperationResultsCommand,
  ListStackSetOperationsCommand,
  ListStackSetsCommand,
  UpdateStackSetCommand,
  type DeploymentTargets,
  type StackSetOperationPreferences,
} from '@aws-sdk/client-cloudformation';
import {
  DisableAWSServiceAccessCommand,
  EnableAWSServiceAccessCommand,
  ListAWSServiceAccessForOrganizationCommand,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../../simulator.js';
import { customerOf, failureOf } from '../../testing/customer.js';

const StackSetName = 'members';
const vendorId = '999988887777';
const Regions = ['us-east-1'];
const ServicePrincipal = 'member.org.stacksets.cloudformation.amazonaws.com';

const template = `
Parameters:
  ExternalId: {Type: String}
  Description: {Type: String, Default: ''}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: OrgtrailIntegration
      Description: !Ref Description
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          Effect: Allow
          Principal: {AWS: '${vendorId}'}
          Action: sts:AssumeRole
          Condition: {StringEquals: {'sts:ExternalId': !Ref ExternalId}}
`;

let simulator: Simulator;
let cloudFormation: CloudFormationClient;
let root: string;
let managementAccountId: string;

beforeEach(async () => {
  simulator = await startSimulator({ seed: 3, accounts: 14, organizationalUnits: 5 });
  cloudFormation = cloudFormationOf(simulator.credentials);
  root = simulator.organization.root.id;
  managementAccountId = simulator.organization.managementAccount.id;
});
afterEach(() => simulator.close());

const cloudFormationOf = (credentials: Simulator['credentials'], region = 'us-east-1'): CloudFormationClient =>
  new CloudFormationClient({ endpoint: simulator.endpoint, region, credentials, maxAttempts: 1 });

const activate = () => cloudFormation.send(new ActivateOrganizationsAccessCommand({}));
const createStackSet = (AutoDeployment: object = { Enabled: true, RetainStacksOnAccountRemoval: false }, from = cloudFormation) =>
  from.send(
    new CreateStackSetCommand({
      StackSetName,
      TemplateBody: template,
      PermissionModel: 'SERVICE_MANAGED',
      AutoDeployment,
      ManagedExecution: { Active: true },
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: [{ ParameterKey: 'ExternalId', ParameterValue: 'a1' }],
    }),
  );
const createInstances = async (targets: DeploymentTargets, preferences: StackSetOperationPreferences = {}): Promise<string> =>
  (
    await cloudFormation.send(
      new CreateStackInstancesCommand({ StackSetName, DeploymentTargets: targets, Regions, OperationPreferences: preferences }),
    )
  ).OperationId!;
const everywhere = (): DeploymentTargets => ({ OrganizationalUnitIds: [root] });
const deleteInstances = (targets: DeploymentTargets, RetainStacks = false) =>
  cloudFormation.send(new DeleteStackInstancesCommand({ StackSetName, DeploymentTargets: targets, Regions, RetainStacks }));
const instances = async () => (await cloudFormation.send(new ListStackInstancesCommand({ StackSetName }))).Summaries!;
const instanceAccounts = async () => (await instances()).map(({ Account }) => Account!).sort();
const operation = async (OperationId: string) =>
  (await cloudFormation.send(new DescribeStackSetOperationCommand({ StackSetName, OperationId }))).StackSetOperation!;

const roleArnIn = (accountId: string): string => `arn:aws:iam::${accountId}:role/OrgtrailIntegration`;
async function admits(accountId: string, ExternalId: string | undefined): Promise<boolean> {
  const { sts } = customerOf(simulator, simulator.credentialsFor(vendorId));
  const call = new AssumeRoleCommand({ RoleArn: roleArnIn(accountId), RoleSessionName: 'test', ExternalId });
  return sts.send(call).then(
    () => true,
    (error: unknown) => {
      if (!(error instanceof Error) || error.name !== 'AccessDenied') throw error;
      return false;
    },
  );
}

const accountsOf = (matches: (account: { state: string; parentId: string }) => boolean): string[] =>
  [...simulator.organization.accounts.values()]
    .filter((account) => account.id !== managementAccountId && matches(account))
    .map(({ id }) => id)
    .sort();
const active = (): string[] => accountsOf(({ state }) => state === 'ACTIVE');

/** A unit with active accounts directly in it, and a unit apart from it. */
function twoUnits(): { unit: string; inUnit: string[]; other: string } {
  const { organizationalUnits } = simulator.organization;
  for (const { id: unit } of organizationalUnits.values()) {
    const inUnit = accountsOf(({ parentId, state }) => parentId === unit && state === 'ACTIVE');
    const isLeaf = [...organizationalUnits.values()].every(({ parentId }) => parentId !== unit);
    const other = [...organizationalUnits.values()].find(({ id, parentId }) => id !== unit && parentId === root)?.id;
    if (inUnit.length > 0 && isLeaf && other !== undefined) return { unit, inUnit, other };
  }
  throw new Error('The seed makes no such units.');
}

describe('stack sets of an organization', () => {
  it('need the access that CloudFormation activates, not only trusted access, and the management account', async () => {
    const access = async () => (await cloudFormation.send(new DescribeOrganizationsAccessCommand({}))).Status;
    const { organizations } = customerOf(simulator);
    const message = 'You must enable organizations access to operate a service managed stack set';
    expect(await failureOf(createStackSet())).toMatchObject({ name: 'ValidationError', message });
    await organizations.send(new EnableAWSServiceAccessCommand({ ServicePrincipal }));
    expect(await access()).toBe('DISABLED');
    expect((await failureOf(createStackSet())).message).toBe(message);
    const member = cloudFormationOf(simulator.credentialsFor(active()[0]!));
    expect((await failureOf(member.send(new ActivateOrganizationsAccessCommand({})))).name).toBe('ValidationError');
    await activate();
    expect(await access()).toBe('ENABLED');
    expect((await failureOf(createStackSet({ Enabled: false }, member))).message).toMatch(/management account/);
    await createStackSet();
    await organizations.send(new DisableAWSServiceAccessCommand({ ServicePrincipal }));
    expect((await failureOf(instances())).message).toBe(message);
    await activate();
    expect(await instances()).toEqual([]);
    await cloudFormation.send(new DeactivateOrganizationsAccessCommand({}));
    expect(await access()).toBe('DISABLED');
  });

  it('let StackSets into the organization by themselves, which is listed and logged as a call of the service', async () => {
    await activate();
    const listed = await customerOf(simulator).organizations.send(new ListAWSServiceAccessForOrganizationCommand({}));
    expect(listed.EnabledServicePrincipals!.map((service) => service.ServicePrincipal)).toContain(ServicePrincipal);
    expect(simulator.events.emitted.map(({ eventName, record }) => [eventName, record['userIdentity']])).toContainEqual([
      'EnableAWSServiceAccess',
      expect.objectContaining({ invokedBy: 'cloudformation.amazonaws.com' }),
    ]);
  });

  it('reach every active account below their targets but the management account, and skip suspended ones', async () => {
    await activate();
    await createStackSet();
    const suspended = active()[0]!;
    simulator.actions.suspend(suspended);
    const OperationId = await createInstances(everywhere());
    expect(await operation(OperationId)).toMatchObject({
      Action: 'CREATE',
      Status: 'SUCCEEDED',
      StatusDetails: { FailedStackInstancesCount: 0 },
      DeploymentTargets: everywhere(),
    });
    expect(await instanceAccounts()).toEqual(accountsOf(() => true));
    for (const { Account, StackInstanceStatus, StackId } of await instances()) {
      const isActive = active().includes(Account!);
      expect(StackInstanceStatus?.DetailedStatus).toBe(isActive ? 'SUCCEEDED' : 'SKIPPED_SUSPENDED_ACCOUNT');
      expect(StackId !== undefined).toBe(isActive);
      expect(await admits(Account!, 'a1')).toBe(isActive);
      expect(await admits(Account!, undefined)).toBe(false);
    }
    expect(await admits(managementAccountId, 'a1')).toBe(false);
    const member = cloudFormationOf(simulator.credentialsFor(active()[0]!));
    expect((await member.send(new DescribeStacksCommand({}))).Stacks).toMatchObject([
      { StackName: expect.stringMatching(/^StackSet-members-/), StackStatus: 'CREATE_COMPLETE' },
    ]);
  });

  it('reach the accounts that a filter leaves', async () => {
    await activate();
    await createStackSet({ Enabled: false });
    const { unit, inUnit } = twoUnits();
    const outside = active().find((id) => !inUnit.includes(id))!;
    const accountsOfTargets = async (targets: DeploymentTargets) => {
      await createInstances(targets);
      const found = await instanceAccounts();
      await deleteInstances(everywhere());
      return found;
    };
    const all = accountsOf(({ parentId }) => parentId === unit);
    const OrganizationalUnitIds = [unit];
    expect(await accountsOfTargets({ OrganizationalUnitIds })).toEqual(all);
    const filtered = (AccountFilterType: DeploymentTargets['AccountFilterType'], Accounts: string[]) =>
      accountsOfTargets({ OrganizationalUnitIds, AccountFilterType, Accounts });
    expect(await filtered('INTERSECTION', [inUnit[0]!, outside])).toEqual([inUnit[0]]);
    expect(await filtered('DIFFERENCE', [inUnit[0]!])).toEqual(all.filter((id) => id !== inUnit[0]));
    expect(await filtered('UNION', [outside])).toEqual([...all, outside].sort());
  });

  it('follow accounts that come, move in, move out and go', async () => {
    await activate();
    await createStackSet();
    const { unit, inUnit, other } = twoUnits();
    await createInstances({ OrganizationalUnitIds: [unit] });
    const mover = active().find((id) => !inUnit.includes(id))!;
    expect(await admits(mover, 'a1')).toBe(false);
    simulator.actions.moveAccount({ accountId: mover, destinationParentId: unit });
    expect(await admits(mover, 'a1')).toBe(true);
    simulator.actions.moveAccount({ accountId: mover, destinationParentId: other });
    expect(await admits(mover, 'a1')).toBe(false);
    const { accountId } = simulator.actions.createAccount({ accountName: 'late', email: 'late@example.com' });
    expect(await admits(accountId!, 'a1')).toBe(false);
    simulator.actions.moveAccount({ accountId: accountId!, destinationParentId: unit });
    expect(await admits(accountId!, 'a1')).toBe(true);
    simulator.actions.removeAccountFromOrganization({ accountId: accountId! });
    expect(await admits(accountId!, 'a1')).toBe(false);
    expect(await instanceAccounts()).toEqual(accountsOf(({ parentId }) => parentId === unit));
  });

  it('leave the stack to an account that goes, where that is wanted', async () => {
    await activate();
    await createStackSet({ Enabled: true, RetainStacksOnAccountRemoval: true });
    const { unit, inUnit, other } = twoUnits();
    await createInstances({ OrganizationalUnitIds: [unit] });
    simulator.actions.moveAccount({ accountId: inUnit[0]!, destinationParentId: other });
    expect(await instanceAccounts()).not.toContain(inUnit[0]);
    expect(await admits(inUnit[0]!, 'a1')).toBe(true);
  });

  it('follow nobody without auto-deployment', async () => {
    await activate();
    await createStackSet({ Enabled: false });
    await createInstances(everywhere());
    const before = await instanceAccounts();
    simulator.actions.createAccount({ accountName: 'late', email: 'late@example.com' });
    expect(await instanceAccounts()).toEqual(before);
    const { StackSet } = await cloudFormation.send(new DescribeStackSetCommand({ StackSetName }));
    expect(StackSet).toMatchObject({ AutoDeployment: { Enabled: false } });
  });

  it('take their time with accounts that come, if that is set', async () => {
    await activate();
    await createStackSet();
    await createInstances(everywhere());
    const late = (name: string): string =>
      simulator.actions.createAccount({ accountName: name, email: `${name}@example.com` }).accountId!;
    simulator.setBehaviour({ autoDeploymentDelayMs: 20 });
    const soon = late('soon');
    await simulator.settled();
    expect(await admits(soon, 'a1')).toBe(true);
    simulator.setBehaviour({ autoDeploymentDelayMs: 3_600_000 });
    expect(await admits(late('later'), 'a1')).toBe(false);
  });

  it('change all their stacks when they are updated', async () => {
    await activate();
    await createStackSet();
    await createInstances(everywhere());
    const { OperationId } = await cloudFormation.send(
      new UpdateStackSetCommand({
        StackSetName,
        UsePreviousTemplate: true,
        Capabilities: ['CAPABILITY_NAMED_IAM'],
        Parameters: [{ ParameterKey: 'ExternalId', ParameterValue: 'b2' }],
      }),
    );
    expect(await operation(OperationId!)).toMatchObject({ Action: 'UPDATE', Status: 'SUCCEEDED' });
    for (const id of active()) {
      expect(await admits(id, 'a1')).toBe(false);
      expect(await admits(id, 'b2')).toBe(true);
    }
    const { accountId } = simulator.actions.createAccount({ accountName: 'late', email: 'late@example.com' });
    expect(await admits(accountId!, 'b2')).toBe(true);
  });

  it('go on while failures are tolerated, and are called off when they are not', async () => {
    await activate();
    await createStackSet({ Enabled: false });
    const [first, second] = active();
    for (const id of [first!, second!]) simulator.actions.putRole({ arn: roleArnIn(id), trustedPrincipal: '111122223333' });
    const tolerant = await createInstances(everywhere(), { FailureToleranceCount: 2 });
    expect(await operation(tolerant)).toMatchObject({ Status: 'SUCCEEDED', StatusDetails: { FailedStackInstancesCount: 2 } });
    expect((await instances()).find(({ Account }) => Account === first)).toMatchObject({
      Status: 'OUTDATED',
      StackInstanceStatus: { DetailedStatus: 'FAILED' },
      StatusReason: expect.stringMatching(/\[Role\]/),
    });
    await deleteInstances(everywhere());
    const strict = await createInstances(everywhere(), { FailureToleranceCount: 0, MaxConcurrentCount: 1 });
    expect((await operation(strict)).Status).toBe('FAILED');
    const { Summaries } = await cloudFormation.send(
      new ListStackSetOperationResultsCommand({ StackSetName, OperationId: strict }),
    );
    const statuses = Summaries!.map(({ Status }) => Status);
    expect(statuses.filter((status) => status === 'FAILED')).toHaveLength(1);
    expect(statuses.at(-1)).toBe('CANCELLED');
    for (const id of [first!, second!]) simulator.actions.removeRole(roleArnIn(id));
    await createInstances(everywhere());
    expect(await admits(first!, 'a1')).toBe(true);
  });

  it('go instances first, whose stacks may stay, and are remembered by nobody', async () => {
    await activate();
    await createStackSet();
    await createInstances(everywhere());
    const deleteStackSet = () => cloudFormation.send(new DeleteStackSetCommand({ StackSetName }));
    expect((await failureOf(deleteStackSet())).name).toBe('StackSetNotEmptyException');
    const [kept, gone] = active();
    const only = (id: string): DeploymentTargets => ({ ...everywhere(), AccountFilterType: 'INTERSECTION', Accounts: [id] });
    await deleteInstances(only(kept!), true);
    await deleteInstances(only(gone!));
    expect(await admits(kept!, 'a1')).toBe(true);
    expect(await admits(gone!, 'a1')).toBe(false);
    await deleteInstances(everywhere());
    expect(await instances()).toEqual([]);
    const operations = (await cloudFormation.send(new ListStackSetOperationsCommand({ StackSetName }))).Summaries!;
    expect(operations.map(({ Action }) => Action)).toEqual(['DELETE', 'DELETE', 'DELETE', 'CREATE']);
    const { accountId } = simulator.actions.createAccount({ accountName: 'late', email: 'late@example.com' });
    expect(await admits(accountId!, 'a1')).toBe(false);
    await deleteStackSet();
    expect((await cloudFormation.send(new ListStackSetsCommand({}))).Summaries).toEqual([]);
    expect((await failureOf(instances())).name).toBe('StackSetNotFoundException');
  });

  it('tell of themselves and of one instance', async () => {
    await activate();
    const { StackSetId } = await createStackSet();
    await createInstances(everywhere());
    expect((await failureOf(createStackSet())).name).toBe('NameAlreadyExistsException');
    expect((await cloudFormation.send(new DescribeStackSetCommand({ StackSetName }))).StackSet).toMatchObject({
      StackSetId,
      Status: 'ACTIVE',
      PermissionModel: 'SERVICE_MANAGED',
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      ManagedExecution: { Active: true },
      OrganizationalUnitIds: [root],
      TemplateBody: template,
      Parameters: [{ ParameterKey: 'ExternalId', ParameterValue: 'a1' }, { ParameterKey: 'Description' }],
    });
    const describeIn = (StackInstanceAccount: string) =>
      cloudFormation.send(
        new DescribeStackInstanceCommand({ StackSetName, StackInstanceAccount, StackInstanceRegion: 'us-east-1' }),
      );
    expect((await describeIn(active()[0]!)).StackInstance).toMatchObject({ Status: 'CURRENT', OrganizationalUnitId: root });
    expect((await failureOf(describeIn(managementAccountId))).name).toBe('StackInstanceNotFoundException');
  });

  it.each<[string, object, RegExp]>([
    ['self-managed permissions', { PermissionModel: 'SELF_MANAGED' }, /has to be SERVICE_MANAGED/],
    ['no permission model, which means the same', { PermissionModel: undefined }, /has to be SERVICE_MANAGED/],
    ['delegated administrators', { CallAs: 'DELEGATED_ADMIN' }, /does not know CallAs DELEGATED_ADMIN/],
    ['roles of administration', { AdministrationRoleARN: 'arn:aws:iam::123456789012:role/stack-sets' }, /AdministrationRoleARN/],
    ['retention without auto-deployment', { AutoDeployment: { Enabled: false, RetainStacksOnAccountRemoval: true } }, /only if/],
    ['a missing capability', { Capabilities: [] }, /Requires capabilities/],
  ])('are refused for %s', async (_what, change, message) => {
    await activate();
    const input = {
      StackSetName,
      TemplateBody: template,
      PermissionModel: 'SERVICE_MANAGED' as const,
      Capabilities: ['CAPABILITY_NAMED_IAM' as const],
      Parameters: [{ ParameterKey: 'ExternalId', ParameterValue: 'a1' }],
      ...change,
    };
    expect((await failureOf(cloudFormation.send(new CreateStackSetCommand(input)))).message).toMatch(message);
  });

  it.each<[string, (root: string) => DeploymentTargets, RegExp]>([
    ['without units', () => ({ Accounts: ['123456789012'], AccountFilterType: 'UNION' }), /OrganizationalUnitIds are required/],
    ['that are not there', () => ({ OrganizationalUnitIds: ['ou-abcd-12345678'] }), /does not exist/],
    ['with a filter of no accounts', (id) => ({ OrganizationalUnitIds: [id], AccountFilterType: 'UNION' }), /go together/],
    ['with accounts and no filter', (id) => ({ OrganizationalUnitIds: [id], Accounts: ['123456789012'] }), /go together/],
  ])('refuse targets %s', async (_what, targets, message) => {
    await activate();
    await createStackSet();
    const failure = await failureOf(createInstances(targets(root)));
    expect(failure).toMatchObject({ name: 'ValidationError', message: expect.stringMatching(message) });
    expect(await instances()).toEqual([]);
  });
});
