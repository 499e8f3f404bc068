import { AwsError } from '../../wire/errors.js';
import type { Queue } from '../../sqs/queues.js';
import type { Properties } from './properties.js';
import type { Made, ResourcePlace, ResourceType } from './resource-type.js';

/** Properties that are attributes of the same name. */
const attributeProperties = [
  'DelaySeconds',
  'KmsDataKeyReusePeriodSeconds',
  'KmsMasterKeyId',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'SqsManagedSseEnabled',
  'VisibilityTimeout',
];
const documentProperties = ['RedriveAllowPolicy', 'RedrivePolicy'];

/** A standard queue. */
export const sqsQueue: ResourceType = {
  name: 'AWS::SQS::Queue',
  properties: [...attributeProperties, ...documentProperties, 'MaximumMessageSize', 'QueueName', 'Tags'],
  replacedBy: ['QueueName'],

  create(place, properties) {
    const name = properties.optionalText('QueueName') ?? place.newName(80);
    const { queues } = place.services;
    const at = { accountId: place.accountId, region: place.region, name };
    // The call to SQS would find one that looks the same; a stack's own is a new one.
    if (queues.get(queues.arnOf(at)) !== undefined) throw alreadyExists(name);
    return madeOf(place, queues.create(at, attributesOf(properties), Object.fromEntries(properties.tags(place.stackTags))));
  },

  update(place, made, properties, before) {
    const { queues } = place.services;
    const queue = queueOf(place, made);
    const attributes = attributesOf(properties);
    const gone = Object.keys(attributesOf(before)).filter((name) => !(name in attributes));
    queues.change(queue, { ...defaultsOf(gone), ...attributes });
    queue.tags.clear();
    for (const [key, value] of properties.tags(place.stackTags)) queue.tags.set(key, value);
    return made;
  },

  delete: (place, made) => place.services.queues.delete(queueOf(place, made)),
};

export const alreadyExists = (identifier: string): AwsError =>
  new AwsError('AlreadyExists', `Resource of type with identifier '${identifier}' already exists.`);

const queueOf = ({ services: { queues }, accountId, region }: ResourcePlace, made: Made): Queue =>
  queues.at({ accountId, region, name: made.attributes['QueueName'] ?? '' });

function madeOf({ services: { endpoint } }: ResourcePlace, { arn, name, accountId }: Queue): Made {
  const url = `${endpoint}/${accountId}/${name}`;
  return { physicalId: url, attributes: { Arn: arn, QueueName: name, QueueUrl: url } };
}

function attributesOf(properties: Properties): Record<string, string> {
  const texts = [...attributeProperties, 'MaximumMessageSize'].map((name) => [name, properties.optionalText(name)] as const);
  const documents = documentProperties.map((name) => [name, properties.optionalDocument(name)] as const);
  return Object.fromEntries([...texts, ...documents].filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** What a queue has when nobody says otherwise; the empty text takes away what has no default. */
const byDefault: Readonly<Record<string, string>> = {
  DelaySeconds: '0',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  SqsManagedSseEnabled: 'true',
};

const defaultsOf = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, byDefault[name] ?? '']));
