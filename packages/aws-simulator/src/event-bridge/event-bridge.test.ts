import {
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  TestEventPatternCommand,
  UntagResourceCommand,
  type PutRuleCommandInput,
} from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventPath } from '../event-path.js';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, failureOf, type Customer } from '../testing/customer.js';

let simulator: Simulator;
let events: Customer['events'];
let accountId: string;

beforeEach(async () => {
  simulator = await startSimulator({ seed: 2, accounts: 5, organizationalUnits: 2 });
  ({ events } = customerOf(simulator));
  accountId = simulator.organization.managementAccount.id;
});
afterEach(() => simulator.close());

const EventPattern = JSON.stringify({ source: ['aws.organizations'] });
const putRule = (input: Partial<PutRuleCommandInput> = {}) =>
  events.send(new PutRuleCommand({ Name: 'mine', EventPattern, ...input }));
const putTarget = (target: object, Rule = 'mine') =>
  events.send(new PutTargetsCommand({ Rule, Targets: [{ Id: 'one', Arn: `arn:aws:sqs:us-east-1:${accountId}:q`, ...target }] }));

describe('a rule', () => {
  it('is there for a connected customer, with target and dead-letter queue', async () => {
    const { EventPattern: pattern, ...rule } = await events.send(new DescribeRuleCommand({ Name: eventPath.rule }));
    expect(rule).toMatchObject({
      Arn: `arn:aws:events:us-east-1:${accountId}:rule/orgtrail-organization-events`,
      State: 'ENABLED',
      EventBusName: 'default',
    });
    expect(JSON.parse(pattern!)).toEqual(eventPath.pattern);
    const { Targets } = await events.send(new ListTargetsByRuleCommand({ Rule: eventPath.rule }));
    expect(Targets).toEqual([
      {
        Id: 'orgtrail-events',
        Arn: `arn:aws:sqs:us-east-1:${accountId}:orgtrail-events`,
        DeadLetterConfig: { Arn: `arn:aws:sqs:us-east-1:${accountId}:orgtrail-events-undelivered` },
      },
    ]);
  });

  it('is made, replaced as a whole, disabled and enabled', async () => {
    const { RuleArn } = await putRule({ Description: 'first', State: 'DISABLED' });
    expect(RuleArn).toBe(`arn:aws:events:us-east-1:${accountId}:rule/mine`);
    await putTarget({});
    await putRule();
    const described = () => events.send(new DescribeRuleCommand({ Name: 'mine' }));
    expect(await described()).toMatchObject({ State: 'ENABLED', CreatedBy: accountId });
    expect((await described()).Description).toBeUndefined();
    // Targets stay with the name.
    expect((await events.send(new ListTargetsByRuleCommand({ Rule: 'mine' }))).Targets).toHaveLength(1);
    await events.send(new DisableRuleCommand({ Name: 'mine' }));
    expect((await described()).State).toBe('DISABLED');
    await events.send(new EnableRuleCommand({ Name: 'mine' }));
    expect((await described()).State).toBe('ENABLED');
  });

  it('cannot be deleted before its targets, and is as good as deleted where it never was', async () => {
    await putRule();
    await putTarget({});
    expect(await failureOf(events.send(new DeleteRuleCommand({ Name: 'mine' })))).toMatchObject({ name: 'ValidationException' });
    const { FailedEntryCount } = await events.send(new RemoveTargetsCommand({ Rule: 'mine', Ids: ['one'] }));
    expect(FailedEntryCount).toBe(0);
    for (let time = 0; time < 2; time += 1) await events.send(new DeleteRuleCommand({ Name: 'mine' }));
    expect((await failureOf(events.send(new DescribeRuleCommand({ Name: 'mine' })))).name).toBe('ResourceNotFoundException');
  });

  it('is listed by prefix, in pages, in its own Region and account alone', async () => {
    await putRule({ Name: 'mine-2' });
    await putRule({ Name: 'mine-1' });
    const first = await events.send(new ListRulesCommand({ NamePrefix: 'mine', Limit: 1 }));
    expect(first.Rules).toMatchObject([{ Name: 'mine-1' }]);
    const second = await events.send(new ListRulesCommand({ NamePrefix: 'mine', NextToken: first.NextToken }));
    expect(second.Rules).toMatchObject([{ Name: 'mine-2' }]);
    expect(second.NextToken).toBeUndefined();
    for (const elsewhere of [
      customerOf(simulator, simulator.credentials, 'eu-central-1'),
      customerOf(simulator, simulator.credentialsFor(simulator.foreignAccountId)),
    ]) {
      expect((await elsewhere.events.send(new ListRulesCommand({}))).Rules).toEqual([]);
    }
  });

  it('has tags, of which PutRule sets the first ones only', async () => {
    const { RuleArn: ResourceARN } = await putRule({ Tags: [{ Key: 'a', Value: '1' }] });
    await putRule({ Tags: [{ Key: 'a', Value: 'changed' }] });
    await events.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'b', Value: '2' }] }));
    const tags = async () => (await events.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags;
    expect(await tags()).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ]);
    await events.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a'] }));
    expect(await tags()).toEqual([{ Key: 'b', Value: '2' }]);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ['a pattern that is none', () => putRule({ EventPattern: '{"source":"x"}' }), 'InvalidEventPatternException'],
    ['a schedule', () => putRule({ ScheduleExpression: 'rate(1 hour)' }), 'ValidationException'],
    ['a name with a space', () => putRule({ Name: 'a b' }), 'ValidationException'],
    ['another bus', () => putRule({ EventBusName: 'other' }), 'ResourceNotFoundException'],
    ['targets of a rule that there is not', () => putTarget({}, 'absent'), 'ResourceNotFoundException'],
    ['a target that is no ARN', () => putTarget({ Arn: 'queue' }, eventPath.rule), 'ValidationException'],
    [
      'a queue of another Region',
      () => putTarget({ Arn: 'arn:aws:sqs:eu-west-1:123456789012:q' }, eventPath.rule),
      'ValidationException',
    ],
    [
      'another bus without a role',
      () => putTarget({ Arn: 'arn:aws:events:us-east-1:123456789012:event-bus/default' }, eventPath.rule),
      'ValidationException',
    ],
    [
      'a message that is transformed on the way',
      () => putTarget({ InputTransformer: { InputTemplate: '"a"' } }, eventPath.rule),
      'ValidationException',
    ],
  ])('refuses %s', async (_what, call, name) => {
    expect((await failureOf(call())).name).toBe(name);
  });

  it('has five targets at most', async () => {
    await putRule();
    for (let id = 1; id <= 5; id += 1) await putTarget({ Id: `t${id}` });
    expect((await failureOf(putTarget({ Id: 't6' }))).name).toBe('LimitExceededException');
    await putTarget({ Id: 't5' });
  });

  it('tells whether a pattern matches', async () => {
    const test = async (Event: string) => (await events.send(new TestEventPatternCommand({ EventPattern, Event }))).Result;
    expect(await test('{"source":"aws.organizations"}')).toBe(true);
    expect(await test('{"source":"aws.iam"}')).toBe(false);
    expect((await failureOf(test('no event'))).name).toBe('ValidationException');
  });
});

describe('the policy of a bus', () => {
  const policy = async () => (await events.send(new DescribeEventBusCommand({}))).Policy;

  it('is made of permissions, each by its id, and taken away', async () => {
    expect(await policy()).toBeUndefined();
    const permit = (Principal: string) =>
      events.send(new PutPermissionCommand({ StatementId: 'member', Action: 'events:PutEvents', Principal }));
    await permit('111122223333');
    await permit('444455556666');
    expect(JSON.parse((await policy())!)).toMatchObject({
      Statement: [{ Sid: 'member', Principal: { AWS: 'arn:aws:iam::444455556666:root' }, Action: 'events:PutEvents' }],
    });
    await events.send(new RemovePermissionCommand({ StatementId: 'member' }));
    expect(await policy()).toBeUndefined();
    const again = events.send(new RemovePermissionCommand({ StatementId: 'member' }));
    expect((await failureOf(again)).name).toBe('ResourceNotFoundException');
  });
});
