import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudTrailClient, CreateTrailCommand, StartLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { EventBridgeClient, DescribeEventBusCommand, ListTargetsByRuleCommand } from '@aws-sdk/client-eventbridge';
import { ListAccountsCommand, ListRootsCommand, TagResourceCommand } from '@aws-sdk/client-organizations';
import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../../simulator.js';
import { customerOf, failureOf, type Customer } from '../../testing/customer.js';

const StackName = 'orgtrail';
const vendorId = '999988887777';

/** A role, the way of events, and a managed policy, as a customer would write them. */
const template = `
Parameters:
  ExternalId: {Type: String}
  Action: {Type: String, Default: 'organizations:ListAccounts'}
  Forwarding: {Type: CommaDelimitedList, Default: ''}
  Kept: {Type: String, Default: 'all'}
Conditions:
  Forwards: !Not [!Equals [!Join ['', !Ref Forwarding], '']]
  All: !Equals [!Ref Kept, all]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: OrgtrailIntegration
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          Effect: Allow
          Principal: {AWS: 'arn:aws:iam::${vendorId}:user/orgtrail'}
          Action: sts:AssumeRole
          Condition: {StringEquals: {'sts:ExternalId': !Ref ExternalId}}
      Policies:
        Fn::If:
          - All
          - - PolicyName: reads
              PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: !Ref Action, Resource: '*'}]}
          - !Ref AWS::NoValue
  QueueAccess:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: queue
      Roles: [!Ref Role]
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Action: 'sqs:ReceiveMessage', Resource: !GetAtt Queue.Arn}]
  Roots:
    Type: AWS::IAM::ManagedPolicy
    Condition: All
    Properties:
      Roles: [!Ref Role]
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 'organizations:ListRoots', Resource: '*'}]}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: events}}
  Other: {Type: AWS::SQS::Queue, Properties: {QueueName: other}}
  QueuePolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Queue, !Ref Other]
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sqs:SendMessage
            Resource: [!GetAtt Queue.Arn, !GetAtt Other.Arn]
            Condition: {ArnEquals: {'aws:SourceArn': !Sub 'arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/writes'}}
  Rule:
    Type: AWS::Events::Rule
    DependsOn: QueuePolicy
    Properties:
      Name: writes
      EventPattern: {source: [aws.organizations]}
      Targets:
        - {Id: events, Arn: !GetAtt Queue.Arn, DeadLetterConfig: {Arn: !GetAtt Other.Arn}, RetryPolicy: {MaximumRetryAttempts: 3}}
        - Fn::If: [All, {Id: second, Arn: !GetAtt Other.Arn}, !Ref AWS::NoValue]
  BusPolicy:
    Type: AWS::Events::EventBusPolicy
    Condition: Forwards
    Properties:
      StatementId: forwarding
      Statement:
        Effect: Allow
        Principal: {AWS: !Ref Forwarding}
        Action: events:PutEvents
        Resource: !Sub 'arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:event-bus/default'
`;

/** For an account whose events go to another one's bus. */
const forwarding = `
Parameters:
  Bus: {Type: String}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          Effect: Allow
          Principal: {Service: events.amazonaws.com}
          Action: sts:AssumeRole
          Condition: {StringEquals: {'aws:SourceAccount': !Ref AWS::AccountId}}
      Policies:
        - PolicyName: forward
          PolicyDocument: {Statement: {Effect: Allow, Action: 'events:PutEvents', Resource: !Ref Bus}}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.organizations]}
      Targets: [{Id: bus, Arn: !Ref Bus, RoleArn: !GetAtt Role.Arn}]
`;

let simulator: Simulator;
let cloudFormation: CloudFormationClient;
let eventBridge: EventBridgeClient;
let accountId: string;

beforeEach(async () => {
  simulator = await startSimulator({ seed: 3, accounts: 6, organizationalUnits: 2, eventPath: 'none' });
  const settings = { endpoint: simulator.endpoint, region: simulator.region, credentials: simulator.credentials, maxAttempts: 1 };
  cloudFormation = new CloudFormationClient(settings);
  eventBridge = new EventBridgeClient(settings);
  accountId = simulator.organization.managementAccount.id;
});
afterEach(() => simulator.close());

const inputOf = (parameters: Record<string, string>) => ({
  StackName,
  TemplateBody: template,
  Capabilities: ['CAPABILITY_NAMED_IAM' as const],
  Parameters: Object.entries({ ExternalId: 'a1', ...parameters }).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  })),
});

async function create(parameters: Record<string, string> = {}): Promise<void> {
  await cloudFormation.send(new CreateStackCommand(inputOf(parameters)));
  expect((await cloudFormation.send(new DescribeStacksCommand({ StackName }))).Stacks).toMatchObject([
    { StackStatus: 'CREATE_COMPLETE' },
  ]);
}

async function update(parameters: Record<string, string>): Promise<void> {
  await cloudFormation.send(new UpdateStackCommand(inputOf(parameters)));
  expect((await cloudFormation.send(new DescribeStacksCommand({ StackName }))).Stacks).toMatchObject([
    { StackStatus: 'UPDATE_COMPLETE' },
  ]);
}

async function assume(ExternalId?: string): Promise<Customer> {
  const { sts } = customerOf(simulator, simulator.credentialsFor(vendorId));
  const RoleArn = `arn:aws:iam::${accountId}:role/OrgtrailIntegration`;
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ExternalId }));
  return customerOf(simulator, {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  });
}

const urlOf = (name: string): string => `${simulator.endpoint}/${accountId}/${name}`;
const moveSomebody = (): void => {
  const { accounts, organizationalUnits } = simulator.organization;
  const unit = [...organizationalUnits.keys()][0]!;
  const account = [...accounts.values()].find(({ parentId, id }) => parentId !== unit && id !== accountId)!;
  simulator.actions.moveAccount({ accountId: account.id, destinationParentId: unit });
};
const receive = async (name: string, customer = customerOf(simulator)) =>
  (await customer.sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf(name), MaxNumberOfMessages: 10 }))).Messages ?? [];
const policyOf = async (name: string) =>
  (await customerOf(simulator).sqs.send(new GetQueueAttributesCommand({ QueueUrl: urlOf(name), AttributeNames: ['Policy'] })))
    .Attributes?.Policy;

describe('the resources of a stack', () => {
  it('make a role that admits its principal with the external id alone, and may do what its three kinds of policies say', async () => {
    await create();
    for (const wrong of [undefined, 'b2']) expect((await failureOf(assume(wrong))).name).toBe('AccessDenied');
    const session = await assume('a1');
    await session.organizations.send(new ListAccountsCommand({}));
    await session.organizations.send(new ListRootsCommand({}));
    await receive('events', session);
    expect((await failureOf(receive('other', session))).name).toBe('AccessDenied');
    await update({ ExternalId: 'b2', Action: 'organizations:ListParents' });
    expect((await failureOf(assume('a1'))).name).toBe('AccessDenied');
    await assume('b2');
    expect((await failureOf(session.organizations.send(new ListAccountsCommand({})))).name).toBe('AccessDeniedException');
  });

  it('take away the policies that a changed template gives no more', async () => {
    await create();
    const session = await assume('a1');
    await update({ Kept: 'some' });
    expect((await failureOf(session.organizations.send(new ListAccountsCommand({})))).name).toBe('AccessDeniedException');
    expect((await failureOf(session.organizations.send(new ListRootsCommand({})))).name).toBe('AccessDeniedException');
    await receive('events', session);
  });

  it('bring events to the queues, by the rule and the policy of the queues', async () => {
    await create();
    moveSomebody();
    for (const name of ['events', 'other']) {
      expect(
        (await receive(name)).map(({ Body }) => (JSON.parse(Body!) as { detail: { eventName: string } }).detail.eventName),
      ).toEqual(['MoveAccount']);
    }
    const targets = async () => (await eventBridge.send(new ListTargetsByRuleCommand({ Rule: 'writes' }))).Targets;
    expect(await targets()).toMatchObject([
      {
        Id: 'events',
        DeadLetterConfig: { Arn: `arn:aws:sqs:us-east-1:${accountId}:other` },
        RetryPolicy: { MaximumRetryAttempts: 3 },
      },
      { Id: 'second' },
    ]);
    await update({ Kept: 'some' });
    expect(await targets()).toMatchObject([{ Id: 'events' }]);
  });

  it('say on the bus who may forward to it, and take that back', async () => {
    await create({ Forwarding: '111122223333,444455556666' });
    const policy = async () => (await eventBridge.send(new DescribeEventBusCommand({}))).Policy;
    expect(JSON.parse((await policy())!)).toMatchObject({
      Statement: [{ Sid: 'forwarding', Principal: { AWS: ['111122223333', '444455556666'] } }],
    });
    await update({});
    expect(await policy()).toBeUndefined();
  });

  it('forward what a delegated administrator does, with a role of their own, once the bus lets it in', async () => {
    const administratorId = [...simulator.organization.accounts.keys()].find((id) => id !== accountId)!;
    simulator.actions.registerDelegatedAdministrator({ accountId: administratorId, servicePrincipal: 'guardduty.amazonaws.com' });
    simulator.setBehaviour({ delegatedAdministratorsMayTag: true });
    const administrator = simulator.credentialsFor(administratorId);
    const settings = { endpoint: simulator.endpoint, region: simulator.region, credentials: administrator };
    const trails = new CloudTrailClient(settings);
    await trails.send(new CreateTrailCommand({ Name: 'own', S3BucketName: 'logs', IsMultiRegionTrail: true }));
    await trails.send(new StartLoggingCommand({ Name: 'own' }));
    await new CloudFormationClient(settings).send(
      new CreateStackCommand({
        StackName: 'forwarding',
        TemplateBody: forwarding,
        Capabilities: ['CAPABILITY_IAM'],
        Parameters: [{ ParameterKey: 'Bus', ParameterValue: `arn:aws:events:us-east-1:${accountId}:event-bus/default` }],
      }),
    );
    const tag = (Value: string) =>
      customerOf(simulator, administrator).organizations.send(
        new TagResourceCommand({ ResourceId: administratorId, Tags: [{ Key: 'k', Value }] }),
      );
    await create();
    await tag('kept out');
    expect(await receive('events')).toEqual([]);
    await update({ Forwarding: administratorId });
    await tag('let in');
    const [message] = await receive('events');
    expect(JSON.parse(message!.Body!)).toMatchObject({ account: administratorId, detail: { eventName: 'TagResource' } });
  });

  it('go without a trace', async () => {
    await create({ Forwarding: '111122223333' });
    expect(await policyOf('events')).toMatch(/events\.amazonaws\.com/);
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    await cloudFormation.send(new DeleteStackCommand({ StackName }));
    const StackId = Stacks![0]!.StackId!;
    expect((await cloudFormation.send(new DescribeStacksCommand({ StackName: StackId }))).Stacks).toMatchObject([
      { StackStatus: 'DELETE_COMPLETE' },
    ]);
    expect((await eventBridge.send(new DescribeEventBusCommand({}))).Policy).toBeUndefined();
    for (const name of ['events', 'other']) expect((await failureOf(receive(name))).name).toBe('QueueDoesNotExist');
    expect((await failureOf(eventBridge.send(new ListTargetsByRuleCommand({ Rule: 'writes' })))).name).toBe(
      'ResourceNotFoundException',
    );
    await create();
  });
});
