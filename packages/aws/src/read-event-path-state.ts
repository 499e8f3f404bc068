import { DescribeEventBusCommand, ListTagsForResourceCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetQueueUrlCommand, ListQueueTagsCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { declare } from './declared-actions.js';
import { parsedOrText, unlessMissing } from './event-path-reader.js';
import { eventPathNames } from './event-path-names.js';
import type { EventPathState, QueueState } from './event-path-plan.js';
import type { EventPathReader } from './event-path-reads.js';
import { readTags } from './parse.js';

/** Beside those of the reader. */
export const eventPathStateActions = [
  ...declare('events', ['DescribeRule', 'ListTargetsByRule', 'ListTagsForResource'], 'rule'),
  ...declare('events', ['DescribeEventBus'], 'any'),
  ...declare('sqs', ['GetQueueUrl', 'GetQueueAttributes', 'ListQueueTags'], 'queue', 'undelivered-queue'),
];

export interface EventPathStateContext {
  reader: EventPathReader;
  events: EventBridgeClient;
  /** Of the Region. */
  sqs: SQSClient;
  call<T>(operation: string, send: () => Promise<T>): Promise<T>;
}

/** What stands in the account today. */
export async function readEventPathState(
  place: Pick<EventPathState, 'partition' | 'region' | 'accountId'>,
  context: EventPathStateContext,
): Promise<EventPathState> {
  const { reader, events, call } = context;
  const found = await reader.rule(eventPathNames.rule);
  const rule = found && { ...found, tags: await ruleTags(found.arn, context) };
  const queue = await queueNamed(eventPathNames.queue, context);
  const undeliveredQueue = await queueNamed(eventPathNames.undeliveredQueue, context);
  const bus = await call('DescribeEventBus', () => events.send(new DescribeEventBusCommand({})));
  return {
    ...place,
    ...(rule ? { rule } : {}),
    targets: rule ? await reader.targets(eventPathNames.rule) : [],
    ...(queue ? { queue } : {}),
    ...(undeliveredQueue ? { undeliveredQueue } : {}),
    busPolicy: parsedOrText(bus.Policy),
  };
}

async function ruleTags(ResourceARN: string, { events, call }: EventPathStateContext): Promise<Record<string, string>> {
  const { Tags } = await call('ListTagsForResource', () => events.send(new ListTagsForResourceCommand({ ResourceARN })));
  return readTags(Tags);
}

export async function queueUrlOf(
  QueueName: string,
  { sqs, call }: Pick<EventPathStateContext, 'sqs' | 'call'>,
): Promise<string | undefined> {
  const answer = await unlessMissing(() => call('GetQueueUrl', () => sqs.send(new GetQueueUrlCommand({ QueueName }))));
  return answer?.QueueUrl;
}

/** A queue that was deleted a moment ago may still have an address, and nothing behind it. */
async function queueNamed(name: string, context: EventPathStateContext): Promise<QueueState | undefined> {
  const url = await queueUrlOf(name, context);
  if (url === undefined) return undefined;
  return unlessMissing(async () => {
    const queue = await context.reader.queue(url);
    const { Tags = {} } = await context.call('ListQueueTags', () =>
      context.sqs.send(new ListQueueTagsCommand({ QueueUrl: url })),
    );
    return { ...queue, url, tags: Tags };
  });
}
