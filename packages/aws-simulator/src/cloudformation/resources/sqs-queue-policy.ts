import { placeIn, type Queue } from '../../sqs/queues.js';
import type { Properties } from './properties.js';
import type { ResourcePlace, ResourceType } from './resource-type.js';

/** The policy of one or more queues, which are named by their URLs. A queue has one: the last that was set stands. */
export const sqsQueuePolicy: ResourceType = {
  name: 'AWS::SQS::QueuePolicy',
  properties: ['PolicyDocument', 'Queues'],
  replacedBy: [],

  create(place, properties) {
    put(place, properties);
    const physicalId = place.newName(128);
    return { physicalId, attributes: { Id: physicalId } };
  },

  update(place, made, properties, before) {
    const still = properties.texts('Queues');
    put(place, properties);
    for (const url of before.texts('Queues')) if (!still.includes(url)) clear(place, url);
    return made;
  },

  delete(place, _made, properties) {
    for (const url of properties.texts('Queues')) clear(place, url);
  },
};

function put(place: ResourcePlace, properties: Properties): void {
  const policy = properties.document('PolicyDocument');
  for (const queue of properties.texts('Queues').map((url) => queueAt(place, url))) {
    place.services.queues.change(queue, { Policy: policy });
  }
}

function clear({ services: { queues }, region }: ResourcePlace, url: string): void {
  const queue = queues.get(queues.arnOf(placeIn(url, region)));
  if (queue !== undefined) queues.change(queue, { Policy: '' });
}

const queueAt = ({ services: { queues }, region }: ResourcePlace, url: string): Queue => queues.at(placeIn(url, region));
