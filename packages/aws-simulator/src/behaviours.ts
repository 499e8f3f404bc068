import type { Random } from './random.js';

/** How an operation can be broken: HTTP 500 as the protocol has it, HTTP 500 with a page of HTML, as a gateway sends, or asking to slow down. */
export type Failure = 'server-error' | 'html' | 'throttled';

/** A failure of some calls only, by chance. */
export interface OccasionalFailure {
  how: Failure;
  rate: number;
}

/**
 * How the simulated AWS behaves. Everything can be changed while it runs. Rates are probabilities in [0, 1], durations are
 * milliseconds; random decisions follow from the simulator's seed.
 */
export interface Behaviours {
  /** Items of a page, and the largest MaxResults that is taken. AWS: 20. */
  pageSize: number;
  /** Tags on a page of ListTagsForResource, whose size AWS does not publish. */
  tagPageSize: number;
  /** How often a listing answers with an empty page and a NextToken, which AWS allows itself. */
  emptyPageRate: number;
  /** After this long a NextToken is refused with INVALID_NEXT_TOKEN. */
  pageTokenLifetimeMs: number;
  /** No `Account.Paths`, no `OrganizationalUnit.Path`: AWS before 30 March 2026, and every emulator. */
  withoutPaths: boolean;
  /** Which of the new `State` and the retired `Status` accounts carry. */
  accountState: 'State' | 'Status' | 'both' | 'neither';
  /** The token buckets that AWS publishes, per account and per organization. */
  throttling: boolean;
  /** Reads answer as of so long ago. */
  staleReadsMs: number;
  /** AWS's clock is so far ahead of ours: its answers and events show it, and beyond five minutes it refuses what is signed by our clock. */
  clockSkewMs: number;
  /** Added to every call, or to the named operations. Names of operations, here and below: see `wire/call.ts`. */
  latencyMs: number | Readonly<Record<string, number>>;
  /** Operations answered with AccessDeniedException. */
  denied: readonly string[];
  /** Operations that fail, whoever calls. */
  failing: Readonly<Record<string, Failure | OccasionalFailure>>;
  /** Members that are delegated administrators may call TagResource and UntagResource, as with a delegation policy. */
  delegatedAdministratorsMayTag: boolean;

  /** tag:GetResources answers as of so long ago. */
  tagIndexLagMs: number;
  /** tag:GetResources answers with nothing. */
  tagIndexEmpty: boolean;

  /** From CreateAccount's answer to the account. 0: at once, before the answer is sent. */
  createAccountDelayMs: number;
  /** How long a created account stays PENDING_ACTIVATION. */
  activationDelayMs: number;
  /** From PENDING_CLOSURE to CLOSED. 0: at once, before the answer is sent. */
  closeAccountDelayMs: number;
  /** From an account's coming, going or moving to what stack sets with auto-deployment do about it. AWS takes minutes. */
  autoDeploymentDelayMs: number;

  /** From the write to the event bus. */
  deliveryDelayMs: number;
  /** Each delivery waits up to this much longer, so that events overtake each other. */
  shuffleWindowMs: number;
  /** How often an event is delivered a second time, with the same `detail.eventID`. */
  duplicateRate: number;
  /** How often an event is never delivered. */
  lossRate: number;
  /** Failed writes have events too (with `errorCode`); the rule of a connected customer lets none of them through. */
  failedCallEvents: boolean;
  /** Tag values in events are `****`. */
  maskTagValues: boolean;
  /** AccountJoined- and AccountDepartedOrganization do not tell which account. */
  membershipEventsWithoutAccountId: boolean;
  /** Other accounts whose events come to the management account's bus too, without any rule over there. */
  forwardFrom: readonly string[];

  /** How often a received message stays visible, as a standard queue may do. */
  queueDuplicateRate: number;
  /** How often an entry of DeleteMessageBatch fails. */
  failedDeleteRate: number;
  /** The visibility timeout of queues that have none of their own. */
  visibilityTimeoutMs: number;
  /** After this long the name of a deleted queue may be used again. AWS: 60 s. */
  deletedQueueNameMs: number;
  /** For so long GetQueueUrl does not find a queue that was made. AWS asks to wait for a second. */
  madeQueueHiddenMs: number;
}

export const defaultBehaviours: Readonly<Behaviours> = {
  pageSize: 20,
  tagPageSize: 20,
  emptyPageRate: 0,
  pageTokenLifetimeMs: Infinity,
  withoutPaths: false,
  accountState: 'State',
  throttling: false,
  staleReadsMs: 0,
  clockSkewMs: 0,
  latencyMs: 0,
  denied: [],
  failing: {},
  delegatedAdministratorsMayTag: false,
  tagIndexLagMs: 0,
  tagIndexEmpty: false,
  createAccountDelayMs: 0,
  activationDelayMs: 0,
  closeAccountDelayMs: 0,
  autoDeploymentDelayMs: 0,
  deliveryDelayMs: 0,
  shuffleWindowMs: 0,
  duplicateRate: 0,
  lossRate: 0,
  failedCallEvents: true,
  maskTagValues: false,
  membershipEventsWithoutAccountId: false,
  forwardFrom: [],
  queueDuplicateRate: 0,
  failedDeleteRate: 0,
  visibilityTimeoutMs: 30_000,
  deletedQueueNameMs: 0,
  madeQueueHiddenMs: 0,
};

/** What the clock on AWS's wall shows, epoch milliseconds. Signatures are made by the real time, whatever time the simulator was given. */
export const awsClock = ({ clockSkewMs }: Behaviours): number => Date.now() + clockSkewMs;

/** Latency of an operation that has these names, in milliseconds. */
export function latencyOf({ latencyMs }: Behaviours, names: readonly string[]): number {
  return typeof latencyMs === 'number' ? latencyMs : (valueOf(latencyMs, names) ?? 0);
}

/** How this call of an operation that has these names is to fail. */
export function failureOf({ failing }: Behaviours, names: readonly string[], random: Random): Failure | undefined {
  const failure = valueOf(failing, names);
  if (typeof failure !== 'object') return failure;
  return random.chance(failure.rate) ? failure.how : undefined;
}

function valueOf<T>(byName: Readonly<Record<string, T>>, names: readonly string[]): T | undefined {
  const name = names.find((candidate) => Object.hasOwn(byName, candidate));
  return name === undefined ? undefined : byName[name];
}
