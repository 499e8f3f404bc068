import type { Behaviours } from '../behaviours.js';
import { SimulatedQueue, type QueueCollaborators } from './queue.js';
import { changedAttributes, differentAttribute, type QueueAttributes } from './queue-attributes.js';
import { invalidParameterValue, queueDeletedRecently, queueDoesNotExist, queueNameExists, sqsError } from './sqs-errors.js';

/** Where a queue is, and what it is called. */
export interface QueuePlace {
  accountId: string;
  region: string;
  name: string;
}

/** A standard queue with what its owner set. */
export interface Queue extends Readonly<QueuePlace> {
  readonly arn: string;
  readonly messages: SimulatedQueue;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  modifiedAt: number;
  attributes: QueueAttributes;
  readonly tags: Map<string, string>;
}

interface Collaborators extends QueueCollaborators {
  partition: string;
  behaviours: () => Behaviours;
}

/** The queues of all accounts and Regions. */
export class Queues {
  readonly #with: Collaborators;
  readonly #queues = new Map<string, Queue>();
  /** When a name became free, epoch milliseconds. */
  readonly #deletedAt = new Map<string, number>();

  constructor(collaborators: Collaborators) {
    this.#with = collaborators;
  }

  arnOf({ accountId, region, name }: QueuePlace): string {
    return `arn:${this.#with.partition}:sqs:${region}:${accountId}:${name}`;
  }

  /** The queue of this ARN. */
  get(arn: string): Queue | undefined {
    return this.#queues.get(arn);
  }

  /** Throws QueueDoesNotExist. */
  at(place: QueuePlace): Queue {
    const queue = this.get(this.arnOf(place));
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  /** By its name alone, as its address is asked for: not at once after it was made. Throws QueueDoesNotExist. */
  named(place: QueuePlace): Queue {
    const queue = this.at(place);
    const { now, behaviours } = this.#with;
    if (now() - queue.createdAt < behaviours().madeQueueHiddenMs) throw queueDoesNotExist();
    return queue;
  }

  /** In the order of names. */
  of(accountId: string, region: string): Queue[] {
    return [...this.#queues.values()]
      .filter((queue) => queue.accountId === accountId && queue.region === region)
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  /** Makes a queue, or finds the one that has the same name and attributes. Tags of one that is there are left as they are. */
  create(place: QueuePlace, attributes: QueueAttributes = {}, tags: Readonly<Record<string, string>> = {}): Queue {
    const { now, behaviours } = this.#with;
    const arn = this.arnOf(place);
    const there = this.get(arn);
    if (there !== undefined) {
      const difference = differentAttribute(this.attributesOf(there), attributes);
      if (difference !== undefined) throw queueNameExists(difference);
      return there;
    }
    if (!/^[\w-]{1,80}$/.test(place.name)) {
      throw invalidParameterValue('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
    }
    if (now() - (this.#deletedAt.get(arn) ?? -Infinity) < behaviours().deletedQueueNameMs) throw queueDeletedRecently();
    const queue: Queue = {
      ...place,
      arn,
      messages: new SimulatedQueue(this.#with),
      createdAt: now(),
      modifiedAt: now(),
      attributes: changedAttributes(undefined, attributes),
      tags: new Map(Object.entries(tags)),
    };
    this.#queues.set(arn, queue);
    return queue;
  }

  change(queue: Queue, attributes: QueueAttributes): void {
    queue.attributes = changedAttributes(queue.attributes, attributes);
    queue.modifiedAt = this.#with.now();
  }

  /** At once; AWS takes up to a minute. */
  delete(queue: Queue): void {
    queue.messages.close();
    this.#queues.delete(queue.arn);
    this.#deletedAt.set(queue.arn, this.#with.now());
  }

  /** What the owner set, with the default of what is a behaviour. */
  attributesOf({ attributes }: Queue): QueueAttributes {
    const seconds = Math.round(this.#with.behaviours().visibilityTimeoutMs / 1000);
    return { VisibilityTimeout: String(seconds), ...attributes };
  }

  /** Ends every long poll. */
  close(): void {
    for (const { messages } of this.#queues.values()) messages.close();
  }
}

/** Of `…/<account>/<name>`: clients may reach the same queue by several host names. */
export function placeIn(queueUrl: string, region: string): QueuePlace {
  const [, accountId, name] = /^\/(\d{12})\/([^/]+)$/.exec(URL.parse(queueUrl)?.pathname ?? '') ?? [];
  if (accountId === undefined || name === undefined) {
    throw sqsError('InvalidAddress', `The address ${queueUrl} is not valid for this endpoint.`, 'InvalidAddress');
  }
  return { accountId, region, name };
}
