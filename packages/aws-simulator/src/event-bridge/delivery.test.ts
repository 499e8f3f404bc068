import {
  PutEventSelectorsCommand,
  StopLoggingCommand,
  CreateTrailCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  DisableRuleCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { TagResourceCommand } from '@aws-sdk/client-organizations';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  type Message,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventPath } from '../event-path.js';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, eventsOnQueue, type Customer } from '../testing/customer.js';

let simulator: Simulator;
let customer: Customer;
let accountId: string;

async function start(path: 'ready' | 'none'): Promise<void> {
  simulator = await startSimulator({ seed: 5, accounts: 6, organizationalUnits: 2, eventPath: path });
  customer = customerOf(simulator);
  accountId = simulator.organization.managementAccount.id;
}
beforeEach(() => start('ready'));
afterEach(() => simulator.close());

const ruleArn = (): string => `arn:aws:events:us-east-1:${accountId}:rule/${eventPath.rule}`;
const queueArn = (name = eventPath.queue as string): string => `arn:aws:sqs:us-east-1:${accountId}:${name}`;
const urlOf = (name: string): string => `${simulator.endpoint}/${accountId}/${name}`;
const happen = (): void =>
  simulator.actions.tagResource({ resourceId: simulator.organization.root.id, tags: { at: String(Math.random()) } });
const fates = (): string[] => simulator.events.emitted.map(({ fate }) => fate);
const setPolicy = (Policy: string, QueueUrl = simulator.queueUrl) =>
  customer.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));

async function undelivered(): Promise<Message[]> {
  const command = new ReceiveMessageCommand({ QueueUrl: urlOf(eventPath.undeliveredQueue), MessageAttributeNames: ['All'] });
  return (await customer.sqs.send(command)).Messages ?? [];
}

function policyWith(statement: object, arn = queueArn()): string {
  const base = { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: arn };
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ ...base, ...statement }] });
}

describe('an event on its way', () => {
  it.each<[string, object, boolean]>([
    ['names the rule', { Condition: { ArnEquals: { 'aws:SourceArn': 'RULE' } } }, true],
    ['names all rules', { Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/*' } } }, true],
    ['names the account', { Condition: { StringEquals: { 'AWS:SourceAccount': 'ACCOUNT' } } }, true],
    ['allows everything to everybody', { Principal: '*', Action: 'sqs:*', Resource: '*' }, true],
    ['names another rule', { Condition: { ArnEquals: { 'aws:SourceArn': 'RULE-2' } } }, false],
    ['names another service', { Principal: { Service: 'sns.amazonaws.com' } }, false],
    ['allows something else', { Action: 'sqs:ReceiveMessage' }, false],
    ['is for another queue', { Resource: 'arn:aws:sqs:us-east-1:123456789012:other' }, false],
    ['has a condition that is not simulated', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, false],
    ['denies', { Effect: 'Deny' }, false],
  ])('reaches the queue if its policy %s: %j, %s', async (_what, statement, allowed) => {
    const policy = policyWith(statement).replaceAll('RULE', ruleArn()).replaceAll('ACCOUNT', accountId);
    await setPolicy(policy);
    happen();
    expect(simulator.queue.bodies()).toHaveLength(allowed ? 1 : 0);
    expect(await undelivered()).toHaveLength(allowed ? 0 : 1);
  });

  it('that a queue refuses lies in the dead-letter queue, with the reason', async () => {
    await setPolicy('');
    happen();
    const [message] = await undelivered();
    expect(JSON.parse(message!.Body!)).toMatchObject({ detail: { eventName: 'TagResource' } });
    const attribute = (name: string) => message!.MessageAttributes?.[name]?.StringValue;
    expect([attribute('RULE_ARN'), attribute('TARGET_ARN'), attribute('ERROR_CODE')]).toEqual([
      ruleArn(),
      queueArn(),
      'NO_PERMISSIONS',
    ]);
  });

  it('is gone when the dead-letter queue refuses it too', async () => {
    await setPolicy('');
    await setPolicy('', urlOf(eventPath.undeliveredQueue));
    happen();
    expect([simulator.queue.bodies(), await undelivered()]).toEqual([[], []]);
  });

  it('lies in the dead-letter queue while the queue is gone, and not before', async () => {
    await customer.sqs.send(new DeleteQueueCommand({ QueueUrl: simulator.queueUrl }));
    expect(() => simulator.queue).toThrow(RangeError);
    happen();
    expect((await undelivered())[0]!.MessageAttributes?.['ERROR_CODE']?.StringValue).toBe('NO_RESOURCE');
  });

  it('never reaches a queue that is encrypted with the key that AWS manages', async () => {
    const Attributes = { KmsMasterKeyId: 'alias/aws/sqs' };
    await customer.sqs.send(new SetQueueAttributesCommand({ QueueUrl: simulator.queueUrl, Attributes }));
    happen();
    expect(simulator.queue.bodies()).toEqual([]);
  });

  it('ends at a rule that is disabled, narrower, or without target', async () => {
    await customer.events.send(new DisableRuleCommand({ Name: eventPath.rule }));
    happen();
    const EventPattern = JSON.stringify({ detail: { eventName: ['MoveAccount'] } });
    await customer.events.send(new PutRuleCommand({ Name: eventPath.rule, EventPattern }));
    happen();
    await customer.events.send(new PutRuleCommand({ Name: eventPath.rule, EventPattern: '{"source":["aws.organizations"]}' }));
    happen();
    expect(eventsOnQueue(simulator)).toHaveLength(1);
    await customer.events.send(new RemoveTargetsCommand({ Rule: eventPath.rule, Ids: [eventPath.target] }));
    happen();
    expect(eventsOnQueue(simulator)).toHaveLength(1);
    expect(fates()).toEqual(['elsewhere', 'elsewhere', 'delivered', 'elsewhere']);
  });

  it('arrives as the target says: whole, in part, or as something else', async () => {
    const target = (settings: object) =>
      customer.events.send(
        new PutTargetsCommand({ Rule: eventPath.rule, Targets: [{ Id: eventPath.target, Arn: queueArn(), ...settings }] }),
      );
    await target({ InputPath: '$.detail' });
    happen();
    await target({ Input: '{"constant":true}' });
    happen();
    await target({});
    happen();
    expect(eventsOnQueue(simulator)).toMatchObject([
      { eventName: 'TagResource' },
      { constant: true },
      { detail: { eventName: 'TagResource' } },
    ]);
  });

  it('is judged by the rules of when it arrives, not of when it happened', async () => {
    simulator.setBehaviour({ deliveryDelayMs: 100 });
    happen();
    await customer.events.send(new DisableRuleCommand({ Name: eventPath.rule }));
    await simulator.settled();
    expect(eventsOnQueue(simulator)).toEqual([]);
  });

  it('is none where no trail logs writes', async () => {
    const TrailName = 'management-events';
    const select = (ReadWriteType: 'All' | 'ReadOnly' | 'WriteOnly', IncludeManagementEvents = true) =>
      customer.trails.send(
        new PutEventSelectorsCommand({ TrailName, EventSelectors: [{ ReadWriteType, IncludeManagementEvents }] }),
      );
    const advanced = (...fields: { Field: string; Equals?: string[]; NotEquals?: string[] }[]) =>
      customer.trails.send(
        new PutEventSelectorsCommand({
          TrailName,
          AdvancedEventSelectors: [{ FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }, ...fields] }],
        }),
      );
    await select('ReadOnly');
    happen();
    await select('WriteOnly', false);
    happen();
    await select('WriteOnly');
    happen();
    await advanced({ Field: 'readOnly', Equals: ['true'] });
    happen();
    await advanced({ Field: 'eventSource', NotEquals: ['organizations.amazonaws.com'] });
    happen();
    await advanced({ Field: 'readOnly', Equals: ['false'] });
    happen();
    await customer.trails.send(new StopLoggingCommand({ Name: TrailName }));
    happen();
    expect(fates()).toEqual(['unlogged', 'unlogged', 'delivered', 'unlogged', 'unlogged', 'delivered', 'unlogged']);
  });
});

describe('a member that forwards its events', () => {
  let memberId: string;
  const busArnOf = (account: string): string => `arn:aws:events:us-east-1:${account}:event-bus/default`;
  const everything = '{"source":["aws.organizations"]}';

  async function forward(from: string, to: string): Promise<void> {
    const { events } = customerOf(simulator, simulator.credentialsFor(from));
    await events.send(new PutRuleCommand({ Name: 'forward', EventPattern: everything }));
    const RoleArn = `arn:aws:iam::${from}:role/forward`;
    await events.send(new PutTargetsCommand({ Rule: 'forward', Targets: [{ Id: 'bus', Arn: busArnOf(to), RoleArn }] }));
  }

  /** A delegated administrator's write is logged in its own account. */
  async function memberTags(): Promise<void> {
    const { organizations } = customerOf(simulator, simulator.credentialsFor(memberId));
    const Tags = [{ Key: 'by', Value: 'administrator' }];
    await organizations.send(new TagResourceCommand({ ResourceId: simulator.organization.root.id, Tags }));
  }

  const permit = (input: { Principal: string; Condition?: { Type: string; Key: string; Value: string } }, at = accountId) =>
    customerOf(simulator, simulator.credentialsFor(at)).events.send(
      new PutPermissionCommand({ StatementId: 'members', Action: 'events:PutEvents', ...input }),
    );
  const forwarded = () => eventsOnQueue(simulator).filter(({ account }) => account === memberId);

  beforeEach(async () => {
    memberId = [...simulator.organization.delegations.values()][0]!.accountId;
    simulator.setBehaviour({ delegatedAdministratorsMayTag: true });
    const { trails } = customerOf(simulator, simulator.credentialsFor(memberId));
    await trails.send(new CreateTrailCommand({ Name: 'trail', S3BucketName: 'bucket', IsMultiRegionTrail: true }));
    await trails.send(new StartLoggingCommand({ Name: 'trail' }));
    await forward(memberId, accountId);
  });

  it('is let in by its account or by its organization, and not otherwise', async () => {
    await memberTags();
    expect(forwarded()).toHaveLength(0);
    await permit({ Principal: simulator.foreignAccountId });
    await memberTags();
    expect(forwarded()).toHaveLength(0);
    await permit({ Principal: memberId });
    await memberTags();
    expect(forwarded()).toHaveLength(1);
    const inOrganization = (Value: string) => ({
      Principal: '*',
      Condition: { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value },
    });
    await permit(inOrganization('o-anotherone'));
    await memberTags();
    expect(forwarded()).toHaveLength(1);
    await permit(inOrganization(simulator.organization.organizationId));
    await memberTags();
    expect(forwarded()).toHaveLength(2);
  });

  it('reaches the bus of one other account, and no third one', async () => {
    const third = simulator.foreignAccountId;
    const there = customerOf(simulator, simulator.credentialsFor(third));
    const Policy = JSON.stringify({ Statement: { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' } });
    const { QueueUrl } = await there.sqs.send(new CreateQueueCommand({ QueueName: 'q', Attributes: { Policy } }));
    await there.events.send(new PutRuleCommand({ Name: 'r', EventPattern: everything }));
    const Targets = [{ Id: 'q', Arn: `arn:aws:sqs:us-east-1:${third}:q` }];
    await there.events.send(new PutTargetsCommand({ Rule: 'r', Targets }));
    await permit({ Principal: accountId }, third);
    await permit({ Principal: memberId });
    await forward(accountId, third);
    happen();
    await memberTags();
    expect(forwarded()).toHaveLength(1);
    const { Messages } = await there.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(Messages!.map(({ Body }) => (JSON.parse(Body!) as { account: string }).account)).toEqual([accountId]);
  });
});

describe('a customer who connected nothing', () => {
  beforeEach(async () => {
    await simulator.close();
    await start('none');
  });

  it('has neither rule nor queue, and connects by the same calls as with AWS', async () => {
    happen();
    expect(() => simulator.queue).toThrow('orgtrail-events');
    expect(fates()).toEqual(['elsewhere']);
    const QueueName = eventPath.queue;
    await customer.sqs.send(new CreateQueueCommand({ QueueName, Attributes: { Policy: policyWith({}) } }));
    await customer.events.send(new PutRuleCommand({ Name: 'r', EventPattern: JSON.stringify(eventPath.pattern) }));
    await customer.events.send(new PutTargetsCommand({ Rule: 'r', Targets: [{ Id: 't', Arn: queueArn() }] }));
    happen();
    expect(eventsOnQueue(simulator)).toHaveLength(1);
  });
});
