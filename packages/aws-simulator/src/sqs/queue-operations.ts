import type { ServiceCall, ServiceOperation } from '../wire/service.js';
import { onQueue } from './on-queue.js';
import type { Queue, QueuePlace } from './queues.js';
import { secondsMs, text, texts, textsByName } from './request.js';

export const queueOperations = {
  CreateQueue: {
    ...byName('write', (call, place) => {
      // The tags' member begins with a small letter here, and with a great one in TagQueue.
      const queue = call.aws.queues.create(place, textsByName(call.input, 'Attributes'), textsByName(call.input, 'tags'));
      return { QueueUrl: urlOf(call, queue) };
    }),
    alsoNeeds: ({ input }) => (input['tags'] === undefined ? [] : ['sqs:TagQueue']),
  },
  GetQueueUrl: byName('read', (call, place) => ({ QueueUrl: urlOf(call, call.aws.queues.named(place)) })),
  ListQueues: {
    kind: 'read',
    run: (call) => {
      const prefix = call.input['QueueNamePrefix'];
      const queues = call.aws.queues
        .of(call.caller.accountId, call.region)
        .filter(({ name }) => typeof prefix !== 'string' || name.startsWith(prefix));
      return queues.length === 0 ? {} : { QueueUrls: queues.map((queue) => urlOf(call, queue)) };
    },
  },
  DeleteQueue: onQueue('write', ({ aws, queue }) => {
    aws.queues.delete(queue);
    return undefined;
  }),
  SetQueueAttributes: onQueue('write', ({ aws, queue, input }) => {
    aws.queues.change(queue, textsByName(input, 'Attributes'));
    return undefined;
  }),
  GetQueueAttributes: onQueue('read', ({ queue, attributes, input }) => {
    const wanted = texts(input, 'AttributeNames');
    const { visible, inFlight, delayed } = queue.messages.depth;
    const all = {
      QueueArn: queue.arn,
      ApproximateNumberOfMessages: String(visible),
      ApproximateNumberOfMessagesNotVisible: String(inFlight),
      ApproximateNumberOfMessagesDelayed: String(delayed),
      CreatedTimestamp: String(Math.floor(queue.createdAt / secondsMs)),
      LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / secondsMs)),
      ...attributes,
    };
    const shown = Object.entries(all).filter(([name]) => wanted.includes('All') || wanted.includes(name));
    return shown.length === 0 ? {} : { Attributes: Object.fromEntries(shown) };
  }),
  TagQueue: onQueue('write', ({ queue, input }) => {
    for (const [key, value] of Object.entries(textsByName(input, 'Tags'))) queue.tags.set(key, value);
    return undefined;
  }),
  UntagQueue: onQueue('write', ({ queue, input }) => {
    for (const key of texts(input, 'TagKeys')) queue.tags.delete(key);
    return undefined;
  }),
  ListQueueTags: onQueue('read', ({ queue }) => (queue.tags.size === 0 ? {} : { Tags: Object.fromEntries(queue.tags) })),
} satisfies Record<string, ServiceOperation>;

function byName(kind: ServiceOperation['kind'], run: (call: ServiceCall, place: QueuePlace) => object): ServiceOperation {
  const placeOf = ({ caller, region, input }: ServiceCall): QueuePlace => ({
    accountId: caller.accountId,
    region,
    name: text(input, 'QueueName'),
  });
  return {
    kind,
    resourceOf: (call) => call.aws.queues.arnOf(placeOf(call)),
    run: (call) => run(call, placeOf(call)),
  };
}

const urlOf = ({ aws }: ServiceCall, { accountId, name }: Queue): string => `${aws.endpoint}/${accountId}/${name}`;
