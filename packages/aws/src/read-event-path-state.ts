import { DescribeEventBusCommand, ListTagsForResourceCommand, type EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { GetQueueUrlCommand, ListQueueTagsCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { declare } from './declared-actions.js';
import { parsedOrText, unlessMissing } from './event-path-reader.js';
import { eventPathNames } from './event-path-names.js';
import type { EventPathState, QueueState } from './event-path-plan.js';
import type { EventPathReader } from './event-path-reads.js';
import { readTags, required } from './parse.js';

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
  const [rule, targets, queue, undeliveredQueue, bus] = await Promise.all([
    ruleWithTags(context),
    unlessMissing(() => reader.targets(eventPathNames.rule)),
    queueNamed(eventPathNames.queue, context),
    queueNamed(eventPathNames.undeliveredQueue, context),
    call('DescribeEventBus', () => events.send(new DescribeEventBusCommand({}))),
  ]);
  return {
    ...place,
    ...(rule ? { rule } : {}),
    targets: targets ?? [],
    ...(queue ? { queue } : {}),
    ...(undeliveredQueue ? { undeliveredQueue } : {}),
    busPolicy: parsedOrText(bus.Policy),
  };
}

async function ruleWithTags({ reader, events, call }: EventPathStateContext): Promise<EventPathState['rule']> {
  const rule = await reader.rule(eventPathNames.rule);
  if (!rule) return undefined;
  // An undo elsewhere may delete it between the two reads.
  return unlessMissing(async () => {
    const { Tags } = await call('ListTagsForResource', () =>
      events.send(new ListTagsForResourceCommand({ ResourceARN: rule.arn })),
    );
    return { ...rule, tags: readTags(Tags) };
  });
}

/** A queue that was deleted a moment ago may still have an address, and nothing behind it. */
async function queueNamed(name: string, context: EventPathStateContext): Promise<QueueState | undefined> {
  return unlessMissing(async () => {
    const operation = 'GetQueueUrl';
    const { QueueUrl } = await context.call(operation, () => context.sqs.send(new GetQueueUrlCommand({ QueueName: name })));
    const url = required(QueueUrl, 'QueueUrl', operation);
    const queue = await context.reader.queue(url);
    const { Tags = {} } = await context.call('ListQueueTags', () =>
      context.sqs.send(new ListQueueTagsCommand({ QueueUrl: url })),
    );
    return { ...queue, url, tags: Tags };
  });
}
