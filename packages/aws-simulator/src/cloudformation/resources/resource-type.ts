import type { EventBuses } from '../../event-bridge/event-buses.js';
import type { Iam } from '../../iam/iam.js';
import type { Queues } from '../../sqs/queues.js';
import type { Properties } from './properties.js';

/** What resources of stacks are made of, in any account. */
export interface ResourceServices {
  readonly partition: string;
  readonly iam: Iam;
  readonly queues: Queues;
  readonly buses: EventBuses;
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly now: () => number;
}

/** Where a resource belongs. */
export interface ResourcePlace {
  readonly services: ResourceServices;
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** Tags of the stack, which its resources get too. */
  readonly stackTags: ReadonlyMap<string, string>;
  /** A name for a resource that has none of its own, of so many characters at most: `stack-Resource-1A2B3C4D5E6F`. */
  newName(longest: number): string;
}

/** A resource that is there. */
export interface Made {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** A type of resource, over what the simulator has of its service. Whatever is thrown as `AwsError` fails the resource, and so its stack. */
export interface ResourceType {
  readonly name: string;
  /** The properties that are simulated. A template with others is refused. */
  readonly properties: readonly string[];
  /** Properties that cannot be changed: where one is, a new resource takes the place of the old. */
  readonly replacedBy: readonly string[];
  /** It needs the capability of IAM, and the one for names if the template names this property. */
  readonly iam?: { nameProperty?: string };
  create(place: ResourcePlace, properties: Properties): Made;
  /** None of `replacedBy` has changed. */
  update(place: ResourcePlace, made: Made, properties: Properties, before: Properties): Made;
  delete(place: ResourcePlace, made: Made, properties: Properties): void;
}
