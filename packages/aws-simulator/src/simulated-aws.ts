import type { Iam } from './iam/iam.js';
import type { Throttle } from './organizations/throttle.js';
import type { Random } from './random.js';
import type { SqsContext } from './sqs/operations.js';
import type { Identities } from './sts/identities.js';
import type { World } from './world.js';

/** Everything behind the wire: what the operations of all services act on. */
export interface SimulatedAws {
  world: World;
  identities: Identities;
  iam: Iam;
  throttle: Throttle;
  /** For what happens on the wire only, so that reads change no id of a later write. */
  wireRandom: Random;
  sqs: Omit<SqsContext, 'signal' | 'behaviours' | 'random'>;
}
