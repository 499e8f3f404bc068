import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventPath } from '../event-path.js';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, failureOf, type Customer } from '../testing/customer.js';

let simulator: Simulator;
let customer: Customer;
let sqs: Customer['sqs'];
let clock: number;
let accountId: string;

beforeEach(async () => {
  clock = Date.UTC(2026, 10, 1);
  simulator = await startSimulator({ seed: 2, accounts: 5, organizationalUnits: 2, now: () => clock });
  customer = customerOf(simulator);
  ({ sqs } = customer);
  accountId = simulator.organization.managementAccount.id;
});
afterEach(() => simulator.close());

const create = (Attributes: Record<string, string> = {}, QueueName = 'mine') =>
  sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
const attributesOf = async (QueueUrl: string | undefined) =>
  (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes;
const set = (QueueUrl: string | undefined, Attributes: Record<string, string>) =>
  sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));

describe('queues', () => {
  it('are two for a connected customer, both open to the rule alone, and kept for two weeks', async () => {
    const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'orgtrail' }));
    expect(QueueUrls).toEqual([simulator.queueUrl, `${simulator.queueUrl}-undelivered`]);
    for (const url of QueueUrls!) {
      const attributes = await attributesOf(url);
      expect(attributes).toMatchObject({ MessageRetentionPeriod: '1209600', SqsManagedSseEnabled: 'true' });
      expect(JSON.parse(attributes!.Policy!)).toMatchObject({
        Statement: [
          {
            Sid: eventPath.policyStatement,
            Principal: { Service: 'events.amazonaws.com' },
            Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:events:us-east-1:${accountId}:rule/${eventPath.rule}` } },
          },
        ],
      });
    }
  });

  it('are made once: again with the same attributes, and not with others', async () => {
    const policy = { Version: '2012-10-17', Statement: [] };
    const { QueueUrl } = await create({ VisibilityTimeout: '60', Policy: JSON.stringify(policy) });
    expect((await create({ VisibilityTimeout: '60', Policy: JSON.stringify(policy, undefined, 2) })).QueueUrl).toBe(QueueUrl);
    expect((await create()).QueueUrl).toBe(QueueUrl);
    expect(await failureOf(create({ VisibilityTimeout: '61' }))).toMatchObject({
      name: 'QueueNameExists',
      Code: 'QueueAlreadyExists',
    });
  });

  it('keep their messages apart', async () => {
    const { QueueUrl } = await create();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'mine' }));
    expect(simulator.queue.bodies()).toEqual([]);
    expect((await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toMatchObject([{ Body: 'mine' }]);
  });

  it('have attributes that are changed, and taken away by an empty text', async () => {
    const { QueueUrl } = await create({ KmsMasterKeyId: 'alias/mine' });
    expect(await attributesOf(QueueUrl)).toMatchObject({ KmsMasterKeyId: 'alias/mine', SqsManagedSseEnabled: 'false' });
    clock += 5000;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: 'arn:aws:sqs:us-east-1:1:d', maxReceiveCount: 5 });
    await set(QueueUrl, { SqsManagedSseEnabled: 'true', RedrivePolicy, Policy: '{"Statement":[]}', DelaySeconds: '5' });
    const attributes = await attributesOf(QueueUrl);
    expect(attributes).toMatchObject({ RedrivePolicy, SqsManagedSseEnabled: 'true', VisibilityTimeout: '30' });
    expect(attributes).not.toHaveProperty('KmsMasterKeyId');
    expect(Number(attributes!.LastModifiedTimestamp)).toBe(Number(attributes!.CreatedTimestamp) + 5);
    await set(QueueUrl, { Policy: '' });
    expect(await attributesOf(QueueUrl)).not.toHaveProperty('Policy');
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'later' }));
    expect(await attributesOf(QueueUrl)).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesDelayed: '1',
    });
  });

  it.each([
    [{ Colour: 'blue' }, 'InvalidAttributeName'],
    [{ FifoQueue: 'true' }, 'InvalidAttributeName'],
    [{ VisibilityTimeout: '43201' }, 'InvalidAttributeValue'],
    [{ MessageRetentionPeriod: '' }, 'InvalidAttributeValue'],
    [{ Policy: 'no JSON' }, 'InvalidAttributeValue'],
    [{ Policy: '{"Version":"2012-10-17"}' }, 'InvalidAttributeValue'],
    [{ KmsMasterKeyId: 'alias/mine', SqsManagedSseEnabled: 'true' }, 'InvalidAttributeValue'],
  ])('refuse %j', async (attributes, name) => {
    expect((await failureOf(create(attributes))).name).toBe(name);
  });

  it('are gone when they are deleted, and their names free after a while', async () => {
    simulator.setBehaviour({ deletedQueueNameMs: 60_000 });
    const { QueueUrl } = await create();
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    expect((await failureOf(sqs.send(new GetQueueUrlCommand({ QueueName: 'mine' })))).name).toBe('QueueDoesNotExist');
    clock += 59_000;
    expect((await failureOf(create())).name).toBe('QueueDeletedRecently');
    clock += 1_000;
    await create();
  });

  it('are found by their names a while after they were made', async () => {
    simulator.setBehaviour({ madeQueueHiddenMs: 1_000 });
    const { QueueUrl } = await create();
    expect((await failureOf(sqs.send(new GetQueueUrlCommand({ QueueName: 'mine' })))).name).toBe('QueueDoesNotExist');
    clock += 1_000;
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'mine' }))).QueueUrl).toBe(QueueUrl);
  });

  it('have tags', async () => {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'tagged', tags: { a: '1' } }));
    await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { b: '2' } }));
    await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
    expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ b: '2' });
  });

  it('belong to an account and a Region: others do not see them', async () => {
    const { QueueUrl } = await create();
    const inEurope = customerOf(simulator, simulator.credentials, 'eu-west-1').sqs;
    expect((await failureOf(inEurope.send(new ReceiveMessageCommand({ QueueUrl })))).name).toBe('QueueDoesNotExist');
    const foreign = customerOf(simulator, simulator.credentialsFor(simulator.foreignAccountId)).sqs;
    expect((await failureOf(foreign.send(new ReceiveMessageCommand({ QueueUrl })))).name).toBe('AccessDenied');
    await foreign.send(new CreateQueueCommand({ QueueName: 'mine' }));
    expect((await foreign.send(new ListQueuesCommand({}))).QueueUrls).toEqual([
      QueueUrl!.replace(accountId, simulator.foreignAccountId),
    ]);
  });

  it('are read by a role that may read, and changed by none such', async () => {
    const RoleArn = `arn:aws:iam::${accountId}:role/reader`;
    simulator.actions.putRole({ arn: RoleArn, trustedPrincipal: accountId });
    const sessionOf = async (Policy?: string) => {
      const { Credentials } = await customer.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', Policy }));
      return customerOf(simulator, {
        accessKeyId: Credentials!.AccessKeyId!,
        secretAccessKey: Credentials!.SecretAccessKey!,
        sessionToken: Credentials!.SessionToken!,
      }).sqs;
    };
    const reader = await sessionOf();
    const QueueUrl = simulator.queueUrl;
    await reader.send(new ReceiveMessageCommand({ QueueUrl }));
    const refused = await failureOf(reader.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: '1' } })));
    expect(refused).toMatchObject({ name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
    expect(refused.message).toContain(`sqs:SetQueueAttributes on resource: arn:aws:sqs:us-east-1:${accountId}:orgtrail-events`);
    const narrow = await sessionOf(
      JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'organizations:*', Resource: '*' }] }),
    );
    expect((await failureOf(narrow.send(new ReceiveMessageCommand({ QueueUrl })))).name).toBe('AccessDenied');
  });
});
