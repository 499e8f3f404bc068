import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  GetTemplateCommand,
  GetTemplateSummaryCommand,
  ListStacksCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
  ValidateTemplateCommand,
  type CreateStackCommandInput,
  type Stack,
} from '@aws-sdk/client-cloudformation';
import { DeleteRolePolicyCommand, GetRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetQueueAttributesCommand, ListQueuesCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, failureOf } from '../testing/customer.js';

const StackName = 'orgtrail';
const policyDocument = (Action: string) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });
const queue = (Properties: object = {}, rest: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties, ...rest });
const role = (Properties: object = {}, rest: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: '999988887777' }, Action: 'sts:AssumeRole' }],
    },
    ...Properties,
  },
  ...rest,
});
const malformedRole = role({ AssumeRolePolicyDocument: { Statement: [] } });

let simulator: Simulator;
let cloudFormation: CloudFormationClient;
let iam: IAMClient;

beforeEach(async () => {
  simulator = await startSimulator({ seed: 3, accounts: 6, organizationalUnits: 2, eventPath: 'none' });
  const settings = { endpoint: simulator.endpoint, region: simulator.region, credentials: simulator.credentials, maxAttempts: 1 };
  cloudFormation = new CloudFormationClient(settings);
  iam = new IAMClient(settings);
});
afterEach(() => simulator.close());

const bodyOf = (Resources: object, rest: object = {}): string => JSON.stringify({ Resources, ...rest });
const inputOf = (template: string, rest: Partial<CreateStackCommandInput> = {}) => ({
  StackName,
  TemplateBody: template,
  Capabilities: ['CAPABILITY_NAMED_IAM' as const],
  ...rest,
});
const create = (template: string, rest: Partial<CreateStackCommandInput> = {}) =>
  cloudFormation.send(new CreateStackCommand(inputOf(template, rest)));
const update = (template: string, rest: Partial<CreateStackCommandInput> = {}) =>
  cloudFormation.send(new UpdateStackCommand(inputOf(template, rest)));
const remove = () => cloudFormation.send(new DeleteStackCommand({ StackName }));
const described = async (nameOrId = StackName): Promise<Stack> =>
  (await cloudFormation.send(new DescribeStacksCommand({ StackName: nameOrId }))).Stacks![0]!;
const outputs = async (): Promise<Record<string, string>> =>
  Object.fromEntries((await described()).Outputs!.map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]));
const events = async (nameOrId = StackName): Promise<string[]> =>
  (await cloudFormation.send(new DescribeStackEventsCommand({ StackName: nameOrId })))
    .StackEvents!.map(({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId!} ${ResourceStatus!}`)
    .reverse();
const queueNames = async (): Promise<string[]> =>
  ((await customerOf(simulator).sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []).map((url) => url.split('/').at(-1)!);
const roleOf = (RoleName: string) => iam.send(new GetRoleCommand({ RoleName }));

describe('a stack', () => {
  it('makes its resources, and tells their names, attributes and outputs', async () => {
    await create(
      bodyOf(
        { Events: queue({ QueueName: 'events', VisibilityTimeout: 60, Tags: [{ Key: 'own', Value: '1' }] }), Other: queue() },
        {
          Description: 'Queues',
          Parameters: { Word: { Type: 'String', Default: 'w' }, Secret: { Type: 'String', NoEcho: true } },
          Conditions: { No: { 'Fn::Equals': [{ Ref: 'Word' }, 'no'] } },
          Outputs: {
            Url: { Value: { Ref: 'Events' }, Description: 'Where it is' },
            Arn: { Value: { 'Fn::GetAtt': ['Events', 'Arn'] } },
            Where: {
              Value: {
                'Fn::Sub': '${AWS::Partition} ${AWS::AccountId} ${AWS::Region} ${AWS::StackName} ${AWS::URLSuffix} ${Word}',
              },
            },
            Never: { Value: 'x', Condition: 'No' },
          },
        },
      ),
      { Parameters: [{ ParameterKey: 'Secret', ParameterValue: 's' }], Tags: [{ Key: 'team', Value: 'platform' }] },
    );
    const account = simulator.organization.managementAccount.id;
    expect(await described()).toMatchObject({
      StackId: expect.stringMatching(`^arn:aws:cloudformation:us-east-1:${account}:stack/orgtrail/`),
      StackStatus: 'CREATE_COMPLETE',
      Description: 'Queues',
      Parameters: [
        { ParameterKey: 'Word', ParameterValue: 'w' },
        { ParameterKey: 'Secret', ParameterValue: '****' },
      ],
      Tags: [{ Key: 'team', Value: 'platform' }],
    });
    const url = `${simulator.endpoint}/${account}/events`;
    expect(await outputs()).toEqual({
      Url: url,
      Arn: `arn:aws:sqs:us-east-1:${account}:events`,
      Where: `aws ${account} us-east-1 orgtrail amazonaws.com w`,
    });
    expect(await queueNames()).toEqual(['events', expect.stringMatching(/^orgtrail-Other-[0-9A-F]{12}$/)]);
    const { StackResources } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName }));
    expect(StackResources).toMatchObject([
      {
        LogicalResourceId: 'Events',
        PhysicalResourceId: url,
        ResourceType: 'AWS::SQS::Queue',
        ResourceStatus: 'CREATE_COMPLETE',
      },
      { LogicalResourceId: 'Other' },
    ]);
    const attributes = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['VisibilityTimeout'] });
    expect((await customerOf(simulator).sqs.send(attributes)).Attributes).toEqual({ VisibilityTimeout: '60' });
  });

  it('exists once, in its account and Region', async () => {
    await create(bodyOf({ A: queue() }));
    expect((await failureOf(create(bodyOf({ A: queue() })))).name).toBe('AlreadyExistsException');
    const elsewhere = new CloudFormationClient({
      endpoint: simulator.endpoint,
      region: 'eu-west-1',
      credentials: simulator.credentials,
    });
    expect((await failureOf(elsewhere.send(new DescribeStacksCommand({ StackName })))).message).toBe(
      'Stack with id orgtrail does not exist',
    );
  });

  it('is rolled back when a resource fails, and can then only be deleted', async () => {
    await create(bodyOf({ A: queue({ QueueName: 'a' }), B: role({ ...malformedRole.Properties }, { DependsOn: 'A' }) }));
    expect(await described()).toMatchObject({
      StackStatus: 'ROLLBACK_COMPLETE',
      StackStatusReason: expect.stringMatching(/\[B\]/),
    });
    expect(await queueNames()).toEqual([]);
    const { StackEvents } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
    expect(StackEvents!.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')).toMatchObject({
      LogicalResourceId: 'B',
      ResourceStatusReason: expect.stringMatching(/Syntax errors in policy/),
    });
    const message = /is in ROLLBACK_COMPLETE state and can not be updated/;
    expect((await failureOf(update(bodyOf({ A: queue() })))).message).toMatch(message);
    const change = new CreateChangeSetCommand({ ...inputOf(bodyOf({ A: queue() })), ChangeSetName: 'c' });
    expect((await failureOf(cloudFormation.send(change))).message).toMatch(message);
    await remove();
    await create(bodyOf({ A: queue() }));
  });

  it('stays or goes after a failure, as OnFailure says', async () => {
    const { StackId } = await create(bodyOf({ A: malformedRole }), { OnFailure: 'DELETE' });
    expect((await described(StackId)).StackStatus).toBe('DELETE_COMPLETE');
    await create(bodyOf({ A: queue({ QueueName: 'a' }), B: malformedRole }), { OnFailure: 'DO_NOTHING' });
    expect((await described()).StackStatus).toBe('CREATE_FAILED');
    expect(await queueNames()).toEqual(['a']);
  });

  it('takes no resource that is there already for its own', async () => {
    await create(bodyOf({ A: queue({ QueueName: 'a' }), B: role({ RoleName: 'b' }) }));
    for (const resource of [queue({ QueueName: 'a' }), role({ RoleName: 'b' })]) {
      await create(bodyOf({ A: resource }), { StackName: 'second' });
      expect((await described('second')).StackStatus).toBe('ROLLBACK_COMPLETE');
      await cloudFormation.send(new DeleteStackCommand({ StackName: 'second' }));
    }
    expect(await queueNames()).toEqual(['a']);
    await roleOf('b');
  });

  it('is changed where its template differs: resources made, changed, replaced and deleted', async () => {
    const before = {
      Changed: queue({ QueueName: 'c', DelaySeconds: 5, Tags: [] }),
      Renamed: queue({ QueueName: 'old' }),
      Gone: queue({ QueueName: 'g' }),
    };
    await create(bodyOf(before));
    await update(
      bodyOf({ New: queue({ QueueName: 'n' }), Changed: queue({ QueueName: 'c' }), Renamed: queue({ QueueName: 'new' }) }),
    );
    expect(await described()).toMatchObject({ StackStatus: 'UPDATE_COMPLETE', LastUpdatedTime: expect.any(Date) });
    expect(await queueNames()).toEqual(['c', 'n', 'new']);
    const QueueUrl = `${simulator.endpoint}/${simulator.organization.managementAccount.id}/c`;
    const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['DelaySeconds'] });
    expect((await customerOf(simulator).sqs.send(attributes)).Attributes).toEqual({ DelaySeconds: '0' });
  });

  it('is not updated when nothing differs', async () => {
    const template = bodyOf({ A: queue() }, { Outputs: { O: { Value: 'a' } } });
    await create(template);
    expect(await failureOf(update(template))).toMatchObject({
      name: 'ValidationError',
      message: 'No updates are to be performed.',
    });
    await update(template.replace('"a"', '"b"'));
    expect(await outputs()).toEqual({ O: 'b' });
    await update(template.replace('"a"', '"b"'), { Tags: [{ Key: 'team', Value: 'platform' }] });
  });

  it('goes back to what it was when an update fails', async () => {
    const before = {
      A: queue({ QueueName: 'a', DelaySeconds: 1 }),
      B: role({ RoleName: 'b', Description: 'before' }),
      C: queue({ QueueName: 'c' }),
    };
    await create(bodyOf(before));
    await update(
      bodyOf({
        A: queue({ QueueName: 'a2' }),
        B: role({ RoleName: 'b', Description: 'after' }, { DependsOn: 'A' }),
        D: queue({ QueueName: 'd' }),
        E: role(malformedRole.Properties, { DependsOn: ['A', 'B', 'D'] }),
      }),
    );
    expect((await described()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await queueNames()).toEqual(['a', 'c']);
    expect((await roleOf('b')).Role?.Description).toBe('before');
    expect((await failureOf(update(bodyOf(before)))).message).toBe('No updates are to be performed.');
    await remove();
    expect(await queueNames()).toEqual([]);
  });

  it('cannot replace a resource that keeps its name', async () => {
    await create(bodyOf({ A: role({ RoleName: 'a' }) }));
    await update(bodyOf({ A: role({ RoleName: 'a', Path: '/security/' }) }));
    expect((await described()).StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
    const { StackEvents } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
    expect(StackEvents!.map(({ ResourceStatusReason }) => ResourceStatusReason).join()).toMatch(
      /custom-named resource requires replacing/,
    );
    expect((await roleOf('a')).Role?.Path).toBe('/');
  });

  it('keeps the values of its parameters where it is told to', async () => {
    const template = bodyOf(
      { A: queue({ QueueName: { Ref: 'Name' } }) },
      { Parameters: { Name: { Type: 'String' }, Other: { Type: 'String', Default: 'o' } } },
    );
    await create(template, { Parameters: [{ ParameterKey: 'Name', ParameterValue: 'kept' }] });
    await update(template.replace('"o"', '"p"'), {
      Parameters: [{ ParameterKey: 'Name', UsePreviousValue: true }],
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    expect(await queueNames()).toEqual(['kept']);
    expect((await failureOf(update(template))).message).toBe('Parameters: [Name] must have values');
  });

  it('goes with its resources but those to be retained, and is remembered by its id', async () => {
    const { StackId } = await create(
      bodyOf({
        A: queue({ QueueName: 'a' }),
        B: queue({ QueueName: 'b' }, { DeletionPolicy: 'Retain' }),
        C: role({ RoleName: 'c' }),
      }),
    );
    await remove();
    expect(await queueNames()).toEqual(['b']);
    expect((await failureOf(roleOf('c'))).name).toBe('NoSuchEntityException');
    expect((await failureOf(described())).message).toBe('Stack with id orgtrail does not exist');
    expect((await described(StackId)).StackStatus).toBe('DELETE_COMPLETE');
    expect(await events(StackId)).toContain('B DELETE_SKIPPED');
    const { StackSummaries } = await cloudFormation.send(new ListStacksCommand({ StackStatusFilter: ['DELETE_COMPLETE'] }));
    expect(StackSummaries).toMatchObject([{ StackId, DeletionTime: expect.any(Date) }]);
    await remove();
  });

  it('stays as long as a resource cannot go, and while it is protected', async () => {
    await create(bodyOf({ A: role({ RoleName: 'a' }) }));
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'a', PolicyName: 'by-hand', PolicyDocument: JSON.stringify(policyDocument('sqs:*')) }),
    );
    await remove();
    expect(await described()).toMatchObject({ StackStatus: 'DELETE_FAILED', StackStatusReason: expect.stringMatching(/\[A\]/) });
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'a', PolicyName: 'by-hand' }));
    const protect = (EnableTerminationProtection: boolean) =>
      cloudFormation.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection }));
    await protect(true);
    expect((await failureOf(remove())).message).toMatch(/TerminationProtection is enabled/);
    await protect(false);
    await remove();
    expect((await failureOf(roleOf('a'))).name).toBe('NoSuchEntityException');
  });

  it('goes though somebody deleted its resources by hand', async () => {
    await create(bodyOf({ A: role({ RoleName: 'a' }) }));
    simulator.actions.removeRole(`arn:aws:iam::${simulator.organization.managementAccount.id}:role/a`);
    const { StackId } = await described();
    await remove();
    expect((await described(StackId)).StackStatus).toBe('DELETE_COMPLETE');
  });
});

describe('a change set', () => {
  const changeSet = (ChangeSetType: 'CREATE' | 'UPDATE', template: string, ChangeSetName = 'first') =>
    cloudFormation.send(new CreateChangeSetCommand({ ...inputOf(template), ChangeSetName, ChangeSetType }));
  const describeIt = (ChangeSetName = 'first') => cloudFormation.send(new DescribeChangeSetCommand({ StackName, ChangeSetName }));
  const execute = (ChangeSetName = 'first') => cloudFormation.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName }));

  it('makes a stack when it is executed, and not before', async () => {
    const { Id, StackId } = await changeSet('CREATE', bodyOf({ A: queue({ QueueName: 'a' }) }));
    expect(await described()).toMatchObject({ StackId, StackStatus: 'REVIEW_IN_PROGRESS' });
    expect(await queueNames()).toEqual([]);
    expect(await describeIt()).toMatchObject({
      ChangeSetId: Id,
      Status: 'CREATE_COMPLETE',
      ExecutionStatus: 'AVAILABLE',
      Changes: [{ Type: 'Resource', ResourceChange: { Action: 'Add', LogicalResourceId: 'A', ResourceType: 'AWS::SQS::Queue' } }],
    });
    await execute();
    expect(await described()).toMatchObject({ StackId, StackStatus: 'CREATE_COMPLETE' });
    expect(await queueNames()).toEqual(['a']);
    expect((await failureOf(execute())).name).toBe('InvalidChangeSetStatusException');
    expect((await failureOf(changeSet('CREATE', bodyOf({ A: queue() }), 'again'))).message).toMatch(/already exists/);
  });

  it('tells what an update would do, through references too, and does it', async () => {
    const withPolicy = (QueueName: string) => ({
      A: queue({ QueueName }),
      P: { Type: 'AWS::SQS::QueuePolicy', Properties: { Queues: [{ Ref: 'A' }], PolicyDocument: { Statement: [] } } },
    });
    await create(bodyOf({ ...withPolicy('a'), Gone: queue({ QueueName: 'g' }) }));
    await changeSet('UPDATE', bodyOf({ ...withPolicy('b'), N: queue() }));
    const { Changes } = await describeIt();
    expect(Changes!.map(({ ResourceChange }) => `${ResourceChange!.Action!} ${ResourceChange!.LogicalResourceId!}`)).toEqual([
      'Modify A',
      'Modify P',
      'Add N',
      'Remove Gone',
    ]);
    expect(Changes!.map(({ ResourceChange }) => ResourceChange!.Replacement)).toEqual(['True', 'False', undefined, undefined]);
    await execute();
    expect(await queueNames()).toEqual(['b', expect.stringMatching(/^orgtrail-N-/)]);
  });

  it('fails when there is nothing to change', async () => {
    await create(bodyOf({ A: queue() }));
    await changeSet('UPDATE', bodyOf({ A: queue() }));
    expect(await describeIt()).toMatchObject({
      Status: 'FAILED',
      ExecutionStatus: 'UNAVAILABLE',
      StatusReason: expect.stringMatching(/^The submitted information didn't contain changes\./),
    });
    expect((await failureOf(execute())).name).toBe('InvalidChangeSetStatusException');
    expect((await failureOf(describeIt('missing'))).name).toBe('ChangeSetNotFoundException');
  });
});

describe('CloudFormation refuses', () => {
  it.each<[string, object, string[], string | undefined]>([
    ['a role without any capability', { A: role() }, [], 'CAPABILITY_IAM'],
    [
      'a named role with the capability for unnamed ones',
      { A: role({ RoleName: 'a' }) },
      ['CAPABILITY_IAM'],
      'CAPABILITY_NAMED_IAM',
    ],
    ['nothing when it is unnamed', { A: role() }, ['CAPABILITY_IAM'], undefined],
    ['nothing when the greater one is given', { A: role() }, ['CAPABILITY_NAMED_IAM'], undefined],
    ['nothing without resources of IAM', { A: queue() }, [], undefined],
  ])('%s', async (_what, resources, capabilities, needed) => {
    const creating = create(bodyOf(resources), {
      Capabilities: capabilities as NonNullable<CreateStackCommandInput['Capabilities']>,
    });
    if (needed === undefined) await creating;
    else {
      expect(await failureOf(creating)).toMatchObject({
        name: 'InsufficientCapabilitiesException',
        message: `Requires capabilities : [${needed}]`,
      });
    }
  });

  it.each<[string, object, RegExp]>([
    ['types that are not simulated', { A: { Type: 'AWS::S3::Bucket' } }, /does not know resources of type AWS::S3::Bucket/],
    ['types that there are none of', { A: { Type: 'Bucket' } }, /Unrecognized resource types: \[Bucket\]/],
    [
      'properties that are not simulated',
      { A: queue({ FifoQueue: true }) },
      /does not know the property FifoQueue of AWS::SQS::Queue/,
    ],
    ['names of nothing', { A: queue({ QueueName: { Ref: 'Missing' } }) }, /Unresolved resource dependencies \[Missing\]/],
  ])('%s, before anything is made', async (_what, resources, message) => {
    expect(await failureOf(create(bodyOf(resources)))).toMatchObject({
      name: 'ValidationError',
      message: expect.stringMatching(message),
    });
    expect((await cloudFormation.send(new DescribeStacksCommand({}))).Stacks).toEqual([]);
  });

  it('parameters of the call that it would leave out', async () => {
    const template = bodyOf({ A: queue() });
    expect((await failureOf(create(template, { RoleARN: 'arn:aws:iam::123456789012:role/cloudformation' }))).message).toMatch(
      /does not know the parameter RoleARN/,
    );
    const fromS3 = new CreateStackCommand({ StackName, TemplateURL: 'https://bucket.s3.amazonaws.com/t.yaml' });
    expect((await failureOf(cloudFormation.send(fromS3))).name).toBe('ValidationError');
  });
});

describe('a template', () => {
  const template = `
Description: A role
Metadata: {AWS::CloudFormation::Interface: {}}
Parameters:
  Name: {Type: String, Default: a, Description: Its name, AllowedValues: [a, b]}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref Name
      AssumeRolePolicyDocument: {}
`;

  it('tells its parameters and what it needs', async () => {
    const Parameters = [{ ParameterKey: 'Name', DefaultValue: 'a', NoEcho: false, Description: 'Its name' }];
    const Capabilities = ['CAPABILITY_NAMED_IAM'];
    expect(await cloudFormation.send(new ValidateTemplateCommand({ TemplateBody: template }))).toMatchObject({
      Description: 'A role',
      Parameters,
      Capabilities,
    });
    expect(await cloudFormation.send(new GetTemplateSummaryCommand({ TemplateBody: template }))).toMatchObject({
      Parameters: [{ ...Parameters[0], ParameterType: 'String', ParameterConstraints: { AllowedValues: ['a', 'b'] } }],
      Capabilities,
      ResourceTypes: ['AWS::IAM::Role'],
      Metadata: '{"AWS::CloudFormation::Interface":{}}',
    });
    const broken = new ValidateTemplateCommand({ TemplateBody: template.replace('!Ref Name', '!Ref Nome') });
    expect((await failureOf(cloudFormation.send(broken))).message).toMatch(/\[Nome\]/);
  });

  it('comes back as it was given', async () => {
    await create(bodyOf({ A: queue() }));
    expect((await cloudFormation.send(new GetTemplateCommand({ StackName }))).TemplateBody).toBe(bodyOf({ A: queue() }));
  });
});
