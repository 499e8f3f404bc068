import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { declare } from './declared-actions.js';
import { toAwsError } from './errors.js';
import type { QueueReader } from './reads.js';

export const queueReadActions = declare(
  'sqs',
  ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'],
  'queue',
);

/** Reads one SQS queue. Not rate-limited: SQS has no shared budget, and the long poll paces itself. */
export function createQueueReader(sqs: SQSClient, QueueUrl: string, count: (operation: string) => void): QueueReader {
  const call = async <T>(operation: string, send: () => Promise<T>): Promise<T> => {
    count(operation);
    try {
      return await send();
    } catch (error) {
      throw toAwsError(error, operation);
    }
  };
  return {
    receive: async ({ maxMessages = 10, waitSeconds = 20, visibilitySeconds = 60, signal }) => {
      if (signal?.aborted) return [];
      try {
        const { Messages } = await call('ReceiveMessage', () =>
          sqs.send(
            new ReceiveMessageCommand({
              QueueUrl,
              MaxNumberOfMessages: maxMessages,
              WaitTimeSeconds: waitSeconds,
              VisibilityTimeout: visibilitySeconds,
              MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
            }),
            { ...(signal ? { abortSignal: signal } : {}), requestTimeout: (waitSeconds + 10) * 1000 },
          ),
        );
        return (Messages ?? []).map((message) => {
          const sent = Number(message.Attributes?.SentTimestamp);
          return {
            id: message.MessageId ?? '',
            receipt: message.ReceiptHandle ?? '',
            body: message.Body ?? '',
            ...(Number.isFinite(sent) && sent > 0 ? { sentAt: new Date(sent) } : {}),
            receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
          };
        });
      } catch (error) {
        if (signal?.aborted) return [];
        throw error;
      }
    },
    delete: async (receipts) => {
      const failed: string[] = [];
      for (const batch of tens(receipts)) {
        const answer = await call('DeleteMessageBatch', () =>
          sqs.send(
            new DeleteMessageBatchCommand({
              QueueUrl,
              Entries: batch.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
            }),
          ),
        );
        // HTTP 200 may carry failures per entry.
        failed.push(...(answer.Failed ?? []).map(({ Id }) => batch[Number(Id)] ?? ''));
      }
      return { failed };
    },
    extend: async (receipts, visibilitySeconds) => {
      for (const batch of tens(receipts)) {
        // What is not in flight any more fails by itself: it was deleted meanwhile, or is visible again already.
        await call('ChangeMessageVisibilityBatch', () =>
          sqs.send(
            new ChangeMessageVisibilityBatchCommand({
              QueueUrl,
              Entries: batch.map((ReceiptHandle, index) => ({
                Id: String(index),
                ReceiptHandle,
                VisibilityTimeout: visibilitySeconds,
              })),
            }),
          ),
        );
      }
    },
    approximateDepth: async () => {
      const { Attributes } = await call('GetQueueAttributes', () =>
        sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] })),
      );
      const depth = Number(Attributes?.ApproximateNumberOfMessages);
      return Number.isFinite(depth) ? depth : undefined;
    },
  };
}

/** As many entries as a call of SQS takes. */
function tens(receipts: readonly string[]): string[][] {
  return Array.from({ length: Math.ceil(receipts.length / 10) }, (_, index) => receipts.slice(index * 10, index * 10 + 10));
}
