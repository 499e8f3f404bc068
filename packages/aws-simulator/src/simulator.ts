import { createActions, type Actions } from './actions.js';
import { defaultBehaviours, type Behaviours } from './behaviours.js';
import { Trails } from './cloudtrail/trails.js';
import { EventBuses } from './event-bridge/event-buses.js';
import { EventPoster } from './event-bridge/post-event.js';
import { connectEventPath, connectWebhook, eventPath as connected, logManagementEvents, type Webhook } from './event-path.js';
import { EventOutput, type EmittedEvent } from './events/event-output.js';
import { SimulatedClock } from './clock.js';
import { generateOrganization, type OrganizationShape } from './generate/generate-organization.js';
import { createCloudFormation } from './cloudformation/cloudformation.js';
import { createIam } from './iam/iam.js';
import type { OrganizationView } from './model/view.js';
import { restoreSnapshot, takeSnapshot, type SimulatorSnapshot } from './model/snapshot.js';
import { OrganizationStore } from './model/store.js';
import { goOnLiving } from './organizations/life-cycle.js';
import { Throttle } from './organizations/throttle.js';
import { createRandom } from './random.js';
import type { SimulatedQueue } from './sqs/queue.js';
import { Queues } from './sqs/queues.js';
import { Identities, type AccessKeyPair, type RoleAssumption } from './sts/identities.js';
import { createRoleActions, type RoleActions } from './sts/role-actions.js';
import { Timers } from './timers.js';
import { createActionRecorder } from './wire/action-recorder.js';
import { listen } from './wire/http-server.js';
import type { World } from './world.js';

export interface SimulatorOptions extends Omit<OrganizationShape, 'invitedAt'>, Partial<Behaviours> {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. A taken one rejects with the system's EADDRINUSE. */
  port?: number;
  /** Goes on with the organization of a snapshot, instead of generating one; the shape is not looked at then. */
  snapshot?: SimulatorSnapshot;
  /**
   * `ready` (the default): a customer who connected Orgtrail, with rule and queues in the management account. `none`: one who did not; a trail logs
   * either way.
   */
  eventPath?: 'ready' | 'none';
  /** The system's clock, epoch milliseconds. */
  now?: () => number;
  /**
   * How far behind the system's clock the simulated time starts: what will be lived through with `advance` lies in the past then, and nobody sees an event
   * of the future.
   */
  clockBehindMs?: number;
}

/** What the simulator does for its tests: AWS's own writes, and the customer's roles. */
export interface SimulatorActions extends Actions, RoleActions {
  /** Has EventBridge post the organization's events to an address, as docs/webhook.md sets it up; whether there is a queue too is another matter. */
  postEventsTo(webhook: Webhook): void;
}

export interface Simulator {
  /** `http://127.0.0.1:<port>`, for all services. */
  readonly endpoint: string;
  readonly region: 'us-east-1';
  /** Of the queue `orgtrail-events` of the management account, whether it is there or not. */
  readonly queueUrl: string;
  readonly queueName: string;
  /** The management account's key pair. */
  readonly credentials: AccessKeyPair;
  /** The key pair of the IAM user `orgtrail` in any account, of the organization or not. */
  credentialsFor(accountId: string): AccessKeyPair;
  /** An account that is in no organization. */
  readonly foreignAccountId: string;
  /** The truth, as it is at this moment: read it anew after a change. */
  readonly organization: OrganizationView;
  readonly actions: SimulatorActions;
  readonly behaviours: Readonly<Behaviours>;
  setBehaviour(changes: Partial<Behaviours>): void;
  readonly events: {
    /** The last 50,000. */
    readonly emitted: readonly EmittedEvent[];
    /** Of all since the start. */
    readonly count: number;
    readonly lost: readonly EmittedEvent[];
    readonly duplicated: readonly EmittedEvent[];
  };
  /** That queue; throws a `RangeError` while it is not there. */
  readonly queue: SimulatedQueue;
  /** The newest 100,000 calls of AssumeRole that named a role as one does, refused and failed ones included. */
  readonly roleAssumptions: readonly RoleAssumption[];
  /** Calls on the wire by operation, refused ones included, since the start or the last `resetCalls`. */
  readonly calls: Readonly<Record<string, number>>;
  resetCalls(): void;
  /** Resolves when no delayed event, creation or closing is outstanding. */
  settled(): Promise<void>;
  /** The simulated time, epoch milliseconds. */
  now(): number;
  /**
   * Lets so much time go by at once, with all that falls due in it, each at its own moment: events, creations, closings, the ends of invitations, of closed
   * accounts. Sessions, token buckets and messages in flight stay as they are: their clients have not lived through it.
   */
  advance(ms: number): void;
  /** The organization as plain JSON, to go on with it in another process. */
  snapshot(): SimulatorSnapshot;
  /** Ends everything at once: open connections, long polls, delayed events. */
  close(): Promise<void>;
}

const dayMs = 86_400_000;
const region = 'us-east-1';

/** Starts an AWS organization that listens on one port. The same seed and shape give the same organization. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const {
    host = '127.0.0.1',
    port = 0,
    snapshot,
    eventPath = 'ready',
    now: systemNow = Date.now,
    clockBehindMs = 0,
    seed,
    accounts,
    organizationalUnits,
    levels,
    ...changes
  } = options;
  const clock = new SimulatedClock(systemNow, clockBehindMs);
  const { now } = clock;
  const shape = { seed, accounts, organizationalUnits, ...(levels === undefined ? {} : { levels }) };
  const { identity, tables, restarts } = snapshot
    ? afterRestart(restoreSnapshot(snapshot))
    : { ...generateOrganization({ ...shape, invitedAt: Math.floor(now() / dayMs) * dayMs - dayMs }), restarts: 0 };

  let behaviours: Behaviours = { ...defaultBehaviours, ...changes };
  const currentBehaviours = (): Behaviours => behaviours;
  // Each its own sequence: a lost event must not change the next account's id.
  const randomFor = (purpose: number) => createRandom(seed ^ Math.imul(purpose + restarts * 16, 0x9e3779b1));
  const store = new OrganizationStore(identity, tables, now);
  const timers = new Timers(clock);
  const { managementAccountId, partition } = identity;
  const isMember = (accountId: string): boolean => tables.accounts.has(accountId);
  const queues = new Queues({
    partition,
    behaviours: currentBehaviours,
    random: randomFor(1),
    now: systemNow,
    simulatedNow: now,
  });
  const organizationOf = (accountId: string): string | undefined => (isMember(accountId) ? identity.id : undefined);
  const poster = new EventPoster(timers, now);
  const buses = new EventBuses({ partition, queues, organizationOf, poster, now });
  const trails = new Trails({ partition, now, isMember });
  logManagementEvents(trails, managementAccountId, region);
  if (eventPath === 'ready') connectEventPath({ queues, buses }, managementAccountId, region);
  const events = new EventOutput({
    managementAccountId,
    behaviours: currentBehaviours,
    random: randomFor(2),
    now: () => now() + behaviours.clockSkewMs,
    timers,
    trails,
    buses,
  });
  const world: World = { store, behaviours: currentBehaviours, random: randomFor(3), now, systemNow, timers, events };
  goOnLiving(world);
  const identities = new Identities(store, seed);
  const iam = createIam({ partition, identities, now });
  const server = await listen(host, port, (endpoint) => ({
    world,
    identities,
    iam,
    cloudFormation: createCloudFormation({ iam, queues, buses, endpoint }, world),
    throttle: new Throttle(systemNow),
    wireRandom: randomFor(4),
    queues,
    buses,
    trails,
    recordAction: createActionRecorder(process.env['ORGTRAIL_SIMULATOR_ACTIONS']),
    endpoint,
  }));

  return {
    endpoint: server.endpoint,
    region,
    queueUrl: `${server.endpoint}/${managementAccountId}/${connected.queue}`,
    queueName: connected.queue,
    credentials: identities.credentialsFor(managementAccountId),
    credentialsFor: (accountId) => identities.credentialsFor(accountId),
    foreignAccountId: tables.accounts.has('999988887777') ? '999988886666' : '999988887777',
    get organization() {
      return store.current;
    },
    actions: {
      ...createActions(world),
      ...createRoleActions(identities, now),
      postEventsTo: (webhook) => connectWebhook(buses, { accountId: managementAccountId, region }, webhook),
    },
    get behaviours() {
      return behaviours;
    },
    setBehaviour: (change) => {
      behaviours = { ...behaviours, ...change };
    },
    events,
    get queue() {
      const queue = queues.get(queues.arnOf({ accountId: managementAccountId, region, name: connected.queue }));
      if (queue === undefined) throw new RangeError(`There is no queue ${connected.queue} in the management account.`);
      return queue.messages;
    },
    get roleAssumptions() {
      return identities.assumptions;
    },
    get calls() {
      return server.calls();
    },
    resetCalls: () => server.resetCalls(),
    settled: () => timers.settled(),
    now,
    advance: (ms) => timers.advance(ms),
    snapshot: () => takeSnapshot(identity, tables, restarts),
    close: async () => {
      timers.close();
      poster.close();
      queues.close();
      await server.close();
    },
  };
}

const afterRestart = <T extends { restarts: number }>(restored: T): T => ({ ...restored, restarts: restored.restarts + 1 });
