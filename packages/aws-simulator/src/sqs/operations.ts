import type { Behaviours } from '../behaviours.js';
import type { Random } from '../random.js';
import { AwsError } from '../wire/errors.js';
import { md5, type ReceivedMessage, type SimulatedQueue } from './queue.js';

export interface SqsContext {
  queue: SimulatedQueue;
  queueUrl: string;
  queueName: string;
  queueArn: string;
  createdAt: number;
  behaviours: () => Behaviours;
  random: Random;
  /** Aborted when the client hangs up. */
  signal: AbortSignal;
}

/** Members as SQS has them, UpperCamelCase. */
type Request = Readonly<Record<string, unknown>>;
type SqsOperation = (context: SqsContext, request: Request) => object | undefined | Promise<object | undefined>;

const secondsMs = 1000;
const longestVisibilitySeconds = 43_200;

export const sqsOperations: ReadonlyMap<string, SqsOperation> = new Map<string, SqsOperation>(
  Object.entries({
    GetQueueUrl: (context, request) => {
      if (request['QueueName'] !== context.queueName) throw queueDoesNotExist();
      return { QueueUrl: context.queueUrl };
    },
    ReceiveMessage: async (context, request) => {
      refuseOtherQueues(context, request);
      const maximum = integer(request, 'MaxNumberOfMessages', 1, [1, 10]);
      const waitMs = integer(request, 'WaitTimeSeconds', 0, [0, 20]) * secondsMs;
      const { visibilityTimeoutMs } = context.behaviours();
      const timeout = integer(request, 'VisibilityTimeout', -1, [0, longestVisibilitySeconds]);
      const received = await context.queue.receive({
        maximum,
        waitMs,
        visibilityTimeoutMs: timeout === -1 ? visibilityTimeoutMs : timeout * secondsMs,
        signal: context.signal,
      });
      const wanted = [...texts(request, 'MessageSystemAttributeNames'), ...texts(request, 'AttributeNames')];
      return received.length === 0 ? {} : { Messages: received.map((message) => messageShape(message, wanted)) };
    },
    DeleteMessage: (context, request) => {
      refuseOtherQueues(context, request);
      if (!context.queue.delete(text(request, 'ReceiptHandle'))) throw receiptHandleIsInvalid();
      return undefined;
    },
    DeleteMessageBatch: (context, request) => {
      refuseOtherQueues(context, request);
      return eachEntry(request, (entry) => {
        if (context.random.chance(context.behaviours().failedDeleteRate)) {
          return { Code: 'InternalError', Message: 'The request has failed due to an unknown error.', SenderFault: false };
        }
        if (context.queue.delete(text(entry, 'ReceiptHandle'))) return undefined;
        return { Code: 'ReceiptHandleIsInvalid', Message: 'The input receipt handle is invalid.', SenderFault: true };
      });
    },
    ChangeMessageVisibility: (context, request) => {
      refuseOtherQueues(context, request);
      const timeoutMs = integer(request, 'VisibilityTimeout', 0, [0, longestVisibilitySeconds]) * secondsMs;
      const outcome = context.queue.changeVisibility(text(request, 'ReceiptHandle'), timeoutMs);
      if (outcome === 'invalid handle') throw receiptHandleIsInvalid();
      if (outcome === 'not in flight') throw messageNotInFlight();
      return undefined;
    },
    ChangeMessageVisibilityBatch: (context, request) => {
      refuseOtherQueues(context, request);
      return eachEntry(request, (entry) => {
        const timeoutMs = integer(entry, 'VisibilityTimeout', 0, [0, longestVisibilitySeconds]) * secondsMs;
        const outcome = context.queue.changeVisibility(text(entry, 'ReceiptHandle'), timeoutMs);
        if (outcome === 'changed') return undefined;
        const error = outcome === 'invalid handle' ? receiptHandleIsInvalid() : messageNotInFlight();
        return { Code: error.code, Message: error.message, SenderFault: true };
      });
    },
    SendMessage: (context, request) => {
      refuseOtherQueues(context, request);
      const body = text(request, 'MessageBody');
      const id = context.queue.send(body, integer(request, 'DelaySeconds', 0, [0, 900]) * secondsMs);
      return { MessageId: id, MD5OfMessageBody: md5(body) };
    },
    GetQueueAttributes: (context, request) => {
      refuseOtherQueues(context, request);
      const wanted = texts(request, 'AttributeNames');
      const attributes = Object.entries(attributesOf(context));
      return { Attributes: Object.fromEntries(attributes.filter(([name]) => wanted.includes('All') || wanted.includes(name))) };
    },
    PurgeQueue: (context, request) => {
      refuseOtherQueues(context, request);
      context.queue.purge();
      return undefined;
    },
  } satisfies Record<string, SqsOperation>),
);

function messageShape({ message, receiptHandle }: ReceivedMessage, wanted: readonly string[]): object {
  const attributes = Object.entries({
    SenderId: 'AIDAIT2UOQQY3AUEKVGXU',
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(message.receiveCount),
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt ?? message.sentAt),
  }).filter(([name]) => wanted.includes('All') || wanted.includes(name));
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: md5(message.body),
    Body: message.body,
    ...(attributes.length === 0 ? {} : { Attributes: Object.fromEntries(attributes) }),
  };
}

function attributesOf({ queue, queueArn, createdAt, behaviours }: SqsContext): Record<string, string> {
  const { visible, inFlight } = queue.depth;
  const created = String(Math.floor(createdAt / secondsMs));
  return {
    QueueArn: queueArn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: '0',
    CreatedTimestamp: created,
    LastModifiedTimestamp: created,
    VisibilityTimeout: String(Math.round(behaviours().visibilityTimeoutMs / secondsMs)),
    MaximumMessageSize: '1048576',
    MessageRetentionPeriod: '345600',
    DelaySeconds: '0',
    ReceiveMessageWaitTimeSeconds: '0',
    SqsManagedSseEnabled: 'true',
  };
}

/** A batch call succeeds as a whole and fails by entry. */
function eachEntry(request: Request, act: (entry: Request) => object | undefined): object {
  const entries = (request['Entries'] ?? []) as readonly Request[];
  const ids = entries.map((entry) => text(entry, 'Id'));
  if (entries.length === 0) throw sqsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10) throw sqsError('TooManyEntriesInBatchRequest', 'Maximum number of entries per request are 10.');
  if (new Set(ids).size < ids.length) throw sqsError('BatchEntryIdsNotDistinct', 'Two or more entries have the same Id.');
  const successful: object[] = [];
  const failed: object[] = [];
  for (const entry of entries) {
    const failure = act(entry);
    if (failure === undefined) successful.push({ Id: entry['Id'] });
    else failed.push({ Id: entry['Id'], ...failure });
  }
  return { Successful: successful, Failed: failed };
}

/** By path: clients may reach the same queue by several host names. */
function refuseOtherQueues({ queueUrl }: SqsContext, request: Request): void {
  const asked = URL.parse(text(request, 'QueueUrl'));
  if (asked?.pathname !== new URL(queueUrl).pathname) throw queueDoesNotExist();
}

function text(request: Request, name: string): string {
  const value = request[name];
  if (typeof value === 'string' && value !== '') return value;
  throw sqsError('MissingParameter', `The request must contain the parameter ${name}.`, 'MissingParameter');
}

function texts(request: Request, name: string): string[] {
  const value = request[name];
  return Array.isArray(value) ? value.map(String) : [];
}

function integer(request: Request, name: string, absent: number, [least, most]: [number, number]): number {
  const value = request[name];
  if (value === undefined || value === null) return absent;
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
  const message = `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be between ${least} and ${most}, if provided.`;
  throw sqsError('InvalidParameterValue', message, 'InvalidParameterValue');
}

const sqsError = (code: string, message: string, queryCode = `AWS.SimpleQueueService.${code}`): AwsError =>
  new AwsError(`com.amazonaws.sqs#${code}`, message, { queryCode });

const queueDoesNotExist = (): AwsError =>
  sqsError('QueueDoesNotExist', 'The specified queue does not exist.', 'AWS.SimpleQueueService.NonExistentQueue');
const receiptHandleIsInvalid = (): AwsError =>
  sqsError('ReceiptHandleIsInvalid', 'The input receipt handle is invalid.', 'ReceiptHandleIsInvalid');
const messageNotInFlight = (): AwsError => sqsError('MessageNotInflight', 'The message referred to is not in flight.');
