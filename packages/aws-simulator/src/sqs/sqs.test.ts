import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type Message,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { customerOf, failureOf, type Customer } from '../testing/customer.js';

let simulator: Simulator;
let sqs: Customer['sqs'];

beforeEach(async () => {
  simulator = await startSimulator({ seed: 2, accounts: 5, organizationalUnits: 2 });
  ({ sqs } = customerOf(simulator));
});
afterEach(() => simulator.close());

const QueueUrl = (): string => simulator.queueUrl;

async function receive(input: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
  const command = new ReceiveMessageCommand({ QueueUrl: QueueUrl(), MaxNumberOfMessages: 10, ...input });
  return (await sqs.send(command)).Messages ?? [];
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('the queue', () => {
  it('is found by its name', async () => {
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: simulator.queueName }))).QueueUrl).toBe(QueueUrl());
  });

  it('hands out any text, ten at a time, and each once while it is in flight', async () => {
    const texts = [
      '{"not": "an event"}',
      'no JSON at all',
      'ünï 🚀',
      '',
      ...Array.from({ length: 8 }, (_, index) => `more ${index}`),
    ];
    for (const text of texts) simulator.queue.send(text);
    const first = await receive();
    const second = await receive();
    expect(first).toHaveLength(10);
    expect([...first, ...second].map(({ Body }) => Body).sort()).toEqual([...texts].sort());
    expect(await receive()).toEqual([]);
  });

  it('tells when a message was sent and how often it was received', async () => {
    const before = Date.now();
    await sqs.send(new SendMessageCommand({ QueueUrl: QueueUrl(), MessageBody: 'one' }));
    await receive({ VisibilityTimeout: 0 });
    const [again] = await receive({ MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'] });
    expect(again!.Attributes).toEqual({ ApproximateReceiveCount: '2', SentTimestamp: expect.any(String) });
    expect(Number(again!.Attributes!.SentTimestamp)).toBeGreaterThanOrEqual(before);
  });

  it('answers a long poll as soon as a message comes', async () => {
    const polling = receive({ WaitTimeSeconds: 20 });
    await until(() => simulator.queue.polls === 1);
    simulator.queue.send('at last');
    expect((await polling).map(({ Body }) => Body)).toEqual(['at last']);
  });

  it('answers a long poll when a message becomes visible again', async () => {
    simulator.queue.send('comes back');
    await receive({ VisibilityTimeout: 1 });
    const [message] = await receive({ WaitTimeSeconds: 20, MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(message).toMatchObject({ Body: 'comes back', Attributes: { ApproximateReceiveCount: '2' } });
  });

  it('gives no message to a client that hung up', async () => {
    const hangUp = new AbortController();
    const polling = failureOf(
      sqs.send(new ReceiveMessageCommand({ QueueUrl: QueueUrl(), WaitTimeSeconds: 20 }), { abortSignal: hangUp.signal }),
    );
    await until(() => simulator.queue.polls === 1);
    hangUp.abort();
    expect((await polling).name).toBe('AbortError');
    await until(() => simulator.queue.polls === 0);
    const waiting = receive({ WaitTimeSeconds: 20 });
    simulator.queue.send('for the next');
    expect((await waiting).map(({ Body }) => Body)).toEqual(['for the next']);
  });

  it('deletes, one or many, and tells entry by entry what failed', async () => {
    for (const text of ['a', 'b', 'c']) simulator.queue.send(text);
    const [a, b, c] = await receive();
    await sqs.send(new DeleteMessageCommand({ QueueUrl: QueueUrl(), ReceiptHandle: a!.ReceiptHandle }));
    const { Successful, Failed } = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: QueueUrl(),
        Entries: [
          { Id: '1', ReceiptHandle: b!.ReceiptHandle },
          { Id: '2', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect(Successful).toEqual([{ Id: '1' }]);
    expect(Failed).toMatchObject([{ Id: '2', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
    expect(simulator.queue.bodies()).toEqual(['c']);
    simulator.setBehaviour({ failedDeleteRate: 1 });
    const failing = new DeleteMessageBatchCommand({
      QueueUrl: QueueUrl(),
      Entries: [{ Id: '1', ReceiptHandle: c!.ReceiptHandle }],
    });
    expect((await sqs.send(failing)).Failed).toMatchObject([{ Id: '1', SenderFault: false }]);
    expect(simulator.queue.bodies()).toEqual(['c']);
  });

  it('changes the visibility of what is in flight', async () => {
    simulator.queue.send('x');
    const [message] = await receive();
    const change = (VisibilityTimeout: number, ReceiptHandle = message!.ReceiptHandle) =>
      sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: QueueUrl(), ReceiptHandle, VisibilityTimeout }));
    await change(0);
    expect((await failureOf(change(10))).name).toBe('MessageNotInflight');
    expect((await failureOf(change(10, 'nonsense'))).name).toBe('ReceiptHandleIsInvalid');
    expect(await receive()).toHaveLength(1);
  });

  it('counts what waits and what is in flight', async () => {
    for (const text of ['a', 'b', 'c']) simulator.queue.send(text);
    await receive({ MaxNumberOfMessages: 1 });
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: QueueUrl(), AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({
      ApproximateNumberOfMessages: '2',
      ApproximateNumberOfMessagesNotVisible: '1',
      QueueArn: `arn:aws:sqs:us-east-1:${simulator.organization.managementAccount.id}:${simulator.queueName}`,
    });
  });

  it('hands a message out twice where set to', async () => {
    simulator.setBehaviour({ queueDuplicateRate: 1 });
    simulator.queue.send('x');
    expect(await receive()).toHaveLength(1);
    expect(await receive()).toHaveLength(1);
  });

  it('is the only one', async () => {
    const elsewhere = QueueUrl().replace(simulator.queueName, 'other');
    for (const command of [
      new GetQueueUrlCommand({ QueueName: 'other' }),
      new ReceiveMessageCommand({ QueueUrl: elsewhere }),
      new GetQueueAttributesCommand({ QueueUrl: elsewhere }),
    ]) {
      const failure = await failureOf(sqs.send(command as GetQueueUrlCommand));
      expect(failure).toMatchObject({ name: 'QueueDoesNotExist', Code: 'AWS.SimpleQueueService.NonExistentQueue' });
    }
  });
});
