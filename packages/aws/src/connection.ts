import { createAwsClients } from './aws-clients.js';
import { createCaller, type Caller, type CallReport } from './caller.js';
import { createClockSkew } from './clock-skew.js';
import { createEventPathReader } from './event-path-reader.js';
import { allowedPerSecond } from './limits.js';
import { isLoopback } from './loopback.js';
import { createOrganizationReader } from './organization-reader.js';
import { partitionAccess } from './partition-access.js';
import { organizationsRegion } from './partitions.js';
import { createPermissionProbe } from './permission-probe.js';
import { createQueueReader } from './queue-reader.js';
import type { AwsConnection } from './reads.js';
import { createRequestHandler } from './request-handler.js';
import { managementRoleActions } from './role-actions.js';
import { roleCredentials, type AwsCredentials, type IntermediateRole } from './role-credentials.js';
import { probeUserAgent, userAgent } from './user-agent.js';

export interface AwsConnectionOptions {
  /** Overrides every service's endpoint; otherwise the SDK's own handling of AWS_ENDPOINT_URL applies. */
  endpoint?: string;
  /** Default: that of the roles, else that of the Region at hand. */
  partition?: string | undefined;
  /** Default: AWS_REGION, AWS_DEFAULT_REGION, else us-east-1; where that is in another partition, the Region of Organizations. */
  region?: string;
  /** Default: the profile that the environment names for the partition, else the SDK's chain. */
  credentials?: AwsCredentials;
  /** Assumed before reading. */
  roleArn?: string;
  externalId?: string;
  /** Tried for `roleArn` where `externalId` is refused: while an external id is being rotated. */
  previousExternalId?: string;
  /** Assumed first; from there `roleArn` is assumed. */
  intermediateRole?: IntermediateRole;
  /** Share of each operation's published sustained rate. Default 0.5; more is refused unless the endpoint is on this machine. */
  rateShare?: number;
  /** Another connection to the same organization: both together take the one share. */
  sharesBudgetOf?: AwsConnection | undefined;
  onCall?(call: CallReport): void;
  /** Milliseconds, monotonic. */
  clock?: () => number;
}

const fairShare = 0.5;
/** The limiter behind each connection, for those that share it. */
const callers = new WeakMap<AwsConnection, Caller>();

/** Opens nothing by itself: the first read does. Throws a `RangeError` for a rate share that AWS's other users would feel. */
export function connectToAws(options: AwsConnectionOptions): AwsConnection {
  const rateShare = options.rateShare ?? fairShare;
  const endpoint = options.endpoint ?? process.env['AWS_ENDPOINT_URL'];
  if (!(rateShare > 0) || (rateShare > fairShare && !isLoopback(endpoint))) {
    throw new RangeError(
      `A rate share of ${rateShare} is not allowed: above 0 and at most ${fairShare} of the published AWS rates, since the organization's other tools share them. More is allowed only where the endpoint is a loopback address.`,
    );
  }
  const clockSkew = createClockSkew();
  const base = {
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    customUserAgent: userAgent,
    // Our own code retries: each attempt passes the limiter and is counted.
    maxAttempts: 1,
    requestHandler: createRequestHandler({ clockSkew }),
  };
  const { partition, region, credentials: own } = partitionAccess(options, base);
  const credentials = roleCredentials({ ...options, credentials: own }, { ...base, region }) ?? own;
  const settings = { ...base, ...(credentials === undefined ? {} : { credentials }) };
  const clients = createAwsClients({ settings, region, declared: managementRoleActions });
  const probeClients = createAwsClients({
    settings: { ...settings, customUserAgent: probeUserAgent },
    region,
    declared: managementRoleActions,
  });
  const queueCounts = new Map<string, number>();
  const shared = options.sharesBudgetOf && callers.get(options.sharesBudgetOf);
  const caller = shared ?? createCaller({ rateShare, onCall: options.onCall, now: options.clock ?? (() => performance.now()) });
  // The role's session, which all clients get in the same way.
  const withSession = caller.after(() => clients.organizations.config.credentials());
  const ending = new AbortController();
  const calling = {
    region: organizationsRegion(partition),
    // Somebody waits for these answers.
    call: <T>(operation: string, send: () => Promise<T>): Promise<T> => withSession.call(operation, 'event', send, ending.signal),
  };
  const connection: AwsConnection = {
    reader: (priority, signal, onAttempt) =>
      createOrganizationReader(clients, withSession, { priority, signal: signal ?? ending.signal, onAttempt }),
    queue: (queueUrl) =>
      createQueueReader(clients.queuesOf(queueUrl), queueUrl, (operation) =>
        queueCounts.set(operation, (queueCounts.get(operation) ?? 0) + 1),
      ),
    eventPath: () => createEventPathReader({ ...clients, ...calling }),
    tryAction: createPermissionProbe({ ...probeClients, ...calling }),
    clockSkewMs: () => clockSkew.milliseconds(),
    calls: () => summed(caller.counts(), Object.fromEntries(queueCounts)),
    budget: () => caller.budget(),
    allowedPerSecond: (operation) => allowedPerSecond(operation, rateShare),
    destroy: () => {
      ending.abort(new Error('The connection to AWS was closed.'));
      clients.destroy();
      probeClients.destroy();
    },
  };
  callers.set(connection, caller);
  return connection;
}

/** What the queue reader and others both call is counted once each. */
function summed(left: Record<string, number>, right: Record<string, number>): Record<string, number> {
  return { ...left, ...Object.fromEntries(Object.entries(right).map(([name, count]) => [name, count + (left[name] ?? 0)])) };
}
