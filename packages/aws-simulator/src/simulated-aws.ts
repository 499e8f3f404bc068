import type { CloudFormation } from './cloudformation/cloudformation.js';
import type { Trails } from './cloudtrail/trails.js';
import type { EventBuses } from './event-bridge/event-buses.js';
import type { Iam } from './iam/iam.js';
import type { Throttle } from './organizations/throttle.js';
import type { Random } from './random.js';
import type { Queues } from './sqs/queues.js';
import type { Identities } from './sts/identities.js';
import type { ActionRecorder } from './wire/action-recorder.js';
import type { World } from './world.js';

/** Everything behind the wire: what the operations of all services act on. */
export interface SimulatedAws {
  world: World;
  identities: Identities;
  iam: Iam;
  cloudFormation: CloudFormation;
  throttle: Throttle;
  /** For what happens on the wire only, so that reads change no id of a later write. */
  wireRandom: Random;
  queues: Queues;
  buses: EventBuses;
  trails: Trails;
  recordAction: ActionRecorder;
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
}
