import { md5, type ReceivedMessage } from './queue.js';
import { eachEntry, integer, secondsMs, text, texts } from './request.js';
import { messageNotInFlight, receiptHandleIsInvalid } from './sqs-errors.js';
import { onQueue } from './on-queue.js';

const longestVisibilitySeconds = 43_200;

export const messageOperations = {
  ReceiveMessage: onQueue('read', async ({ attributes, queue, input, signal }) => {
    const waitSeconds = integer(input, 'WaitTimeSeconds', Number(attributes['ReceiveMessageWaitTimeSeconds']), [0, 20]);
    const timeout = integer(input, 'VisibilityTimeout', Number(attributes['VisibilityTimeout']), [0, longestVisibilitySeconds]);
    const received = await queue.messages.receive({
      maximum: integer(input, 'MaxNumberOfMessages', 1, [1, 10]),
      waitMs: waitSeconds * secondsMs,
      visibilityTimeoutMs: timeout * secondsMs,
      signal,
    });
    const wanted = {
      system: [...texts(input, 'MessageSystemAttributeNames'), ...texts(input, 'AttributeNames')],
      own: texts(input, 'MessageAttributeNames'),
    };
    return received.length === 0 ? {} : { Messages: received.map((message) => messageShape(message, wanted)) };
  }),
  DeleteMessage: onQueue('read', ({ queue, input }) => {
    if (!queue.messages.delete(text(input, 'ReceiptHandle'))) throw receiptHandleIsInvalid();
    return undefined;
  }),
  DeleteMessageBatch: onQueue(
    'read',
    ({ aws, queue, input }) =>
      eachEntry(input, (entry) => {
        if (aws.wireRandom.chance(aws.world.behaviours().failedDeleteRate)) {
          return { Code: 'InternalError', Message: 'The request has failed due to an unknown error.', SenderFault: false };
        }
        if (queue.messages.delete(text(entry, 'ReceiptHandle'))) return undefined;
        return { Code: 'ReceiptHandleIsInvalid', Message: 'The input receipt handle is invalid.', SenderFault: true };
      }),
    'sqs:DeleteMessage',
  ),
  ChangeMessageVisibility: onQueue('read', ({ queue, input }) => {
    const timeoutMs = integer(input, 'VisibilityTimeout', 0, [0, longestVisibilitySeconds]) * secondsMs;
    const outcome = queue.messages.changeVisibility(text(input, 'ReceiptHandle'), timeoutMs);
    if (outcome === 'invalid handle') throw receiptHandleIsInvalid();
    if (outcome === 'not in flight') throw messageNotInFlight();
    return undefined;
  }),
  ChangeMessageVisibilityBatch: onQueue(
    'read',
    ({ queue, input }) =>
      eachEntry(input, (entry) => {
        const timeoutMs = integer(entry, 'VisibilityTimeout', 0, [0, longestVisibilitySeconds]) * secondsMs;
        const outcome = queue.messages.changeVisibility(text(entry, 'ReceiptHandle'), timeoutMs);
        if (outcome === 'changed') return undefined;
        const { code, message } = outcome === 'invalid handle' ? receiptHandleIsInvalid() : messageNotInFlight();
        // Without the namespace that the error of a whole call has.
        return { Code: code.replace(/^.*#/, ''), Message: message, SenderFault: true };
      }),
    'sqs:ChangeMessageVisibility',
  ),
  SendMessage: onQueue('write', ({ attributes, queue, input }) => {
    const body = text(input, 'MessageBody');
    const delayMs = integer(input, 'DelaySeconds', Number(attributes['DelaySeconds']), [0, 900]) * secondsMs;
    return { MessageId: queue.messages.send(body, { delayMs }), MD5OfMessageBody: md5(body) };
  }),
  PurgeQueue: onQueue('write', ({ queue }) => {
    queue.messages.purge();
    return undefined;
  }),
};

function messageShape({ message, receiptHandle }: ReceivedMessage, wanted: { system: string[]; own: string[] }): object {
  const system = only(wanted.system, {
    SenderId: 'AIDAIT2UOQQY3AUEKVGXU',
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
  });
  const own = Object.entries(only(wanted.own, message.attributes)).map(([name, value]) => [
    name,
    { DataType: 'String', StringValue: value },
  ]);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(Object.keys(system).length === 0 ? {} : { Attributes: system }),
    ...(own.length === 0 ? {} : { MessageAttributes: Object.fromEntries(own) as object }),
  };
}

const only = (wanted: readonly string[], all: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name)));
