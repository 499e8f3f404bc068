import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { createCaller, type CallReport } from './caller.js';
import { createOrganizationReader } from './organization-reader.js';
import { regionOfQueue, organizationsRegion, partitionOfRegion } from './partitions.js';
import { createQueueReader } from './queue-reader.js';
import type { AwsConnection } from './reads.js';
import { roleCredentials, type AwsCredentials, type IntermediateRole } from './role-credentials.js';

export interface AwsConnectionOptions {
  /** Overrides every service's endpoint; otherwise the SDK's own handling of AWS_ENDPOINT_URL applies. */
  endpoint?: string;
  /** Default: AWS_REGION, AWS_DEFAULT_REGION, else us-east-1. Decides the partition; Organizations has one region in each. */
  region?: string;
  /** Default: the SDK's chain. */
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
  onCall?(call: CallReport): void;
  /** Milliseconds, monotonic. */
  clock?: () => number;
}

const fairShare = 0.5;
/** Fixed and documented: customers look for it in their CloudTrail. */
export const userAgent: [string, string][] = [['orgtrail', '0.1.0']];

/** Opens nothing by itself: the first read does. Throws a `RangeError` for a rate share that AWS's other users would feel. */
export function connectToAws(options: AwsConnectionOptions): AwsConnection {
  const rateShare = options.rateShare ?? fairShare;
  const endpoint = options.endpoint ?? process.env['AWS_ENDPOINT_URL'];
  if (!(rateShare > 0) || (rateShare > fairShare && !isLoopback(endpoint))) {
    throw new RangeError(
      `A rate share of ${rateShare} is not allowed: above 0 and at most ${fairShare} of the published AWS rates, since the organization's other tools share them. More is allowed only where the endpoint is a loopback address.`,
    );
  }
  const region = options.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const partition = partitionOfRegion(region);
  const base = {
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    customUserAgent: userAgent,
    // Our own code retries: each attempt passes the limiter and is counted.
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler({ connectionTimeout: 5_000, requestTimeout: 20_000 }),
  };
  const credentials = roleCredentials(options, { ...base, region }) ?? options.credentials;
  const session = credentials === undefined ? {} : { credentials };
  const clients = {
    organizations: new OrganizationsClient({ ...base, ...session, region: organizationsRegion(partition) }),
    tagging: new ResourceGroupsTaggingAPIClient({ ...base, ...session, region: organizationsRegion(partition) }),
    sts: new STSClient({ ...base, ...session, region }),
  };
  const queueClients: SQSClient[] = [];
  const queueCounts = new Map<string, number>();
  const caller = createCaller({ rateShare, onCall: options.onCall, now: options.clock ?? (() => performance.now()) });
  return {
    reader: (priority, signal) => createOrganizationReader(clients, caller, { priority, signal }),
    queue: (queueUrl) => {
      const sqs = new SQSClient({ ...base, ...session, region: regionOfQueue(queueUrl) ?? region });
      queueClients.push(sqs);
      return createQueueReader(sqs, queueUrl, (operation) => queueCounts.set(operation, (queueCounts.get(operation) ?? 0) + 1));
    },
    calls: () => ({ ...caller.counts(), ...Object.fromEntries(queueCounts) }),
    destroy: () => {
      for (const client of [...Object.values(clients), ...queueClients]) client.destroy();
    },
  };
}

export function isLoopback(endpoint: string | undefined): boolean {
  if (endpoint === undefined || !URL.canParse(endpoint)) return false;
  const { hostname } = new URL(endpoint);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
