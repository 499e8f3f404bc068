import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { createCaller, type CallReport } from './caller.js';
import { toAwsError } from './errors.js';
import { createOrganizationReader } from './organization-reader.js';
import { regionOfQueue, organizationsRegion, partitionOfRegion } from './partitions.js';
import { createQueueReader } from './queue-reader.js';
import { priorities, type Priority } from './rate-limiter.js';
import type { AwsConnection, OrganizationReader } from './reads.js';

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

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
  intermediateRole?: { roleArn: string; externalId?: string };
  /** Share of each operation's published sustained rate. Default 0.5; more is refused unless the endpoint is on this machine. */
  rateShare?: number;
  onCall?(call: CallReport): void;
  /** Milliseconds, monotonic. */
  clock?: () => number;
}

type CredentialProvider = ReturnType<typeof fromTemporaryCredentials>;

const fairShare = 0.5;
/** Fixed and documented: customers look for it in their CloudTrail. */
export const userAgent: [string, string][] = [['orgtrail', '0.1.0']];
const sessionName = 'orgtrail';

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
  const ambient = options.credentials === undefined ? {} : { credentials: options.credentials };
  const session =
    options.roleArn === undefined && options.intermediateRole === undefined
      ? ambient
      : { credentials: roleCredentials(options, { ...base, region }) };
  const clients = {
    organizations: new OrganizationsClient({ ...base, ...session, region: organizationsRegion(partition) }),
    tagging: new ResourceGroupsTaggingAPIClient({ ...base, ...session, region: organizationsRegion(partition) }),
    sts: new STSClient({ ...base, ...session, region }),
  };
  const queueClients: SQSClient[] = [];
  const queueCounts = new Map<string, number>();
  const caller = createCaller({ rateShare, onCall: options.onCall, now: options.clock ?? (() => performance.now()) });
  const readers = new Map<Priority, OrganizationReader>(
    priorities.map((priority) => [priority, createOrganizationReader(clients, caller, priority)]),
  );
  return {
    reader: (priority) => {
      const reader = readers.get(priority);
      if (!reader) throw new RangeError(`Not a priority: ${priority}`);
      return reader;
    },
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

/** Credentials of the role, through the intermediate one. Cached in memory by the SDK, and renewed shortly before they expire. */
function roleCredentials(
  { roleArn, externalId, previousExternalId, intermediateRole, credentials }: AwsConnectionOptions,
  clientConfig: object,
): CredentialProvider {
  const assume = (
    arn: string,
    id: string | undefined,
    from: AwsCredentials | CredentialProvider | undefined,
  ): CredentialProvider =>
    fromTemporaryCredentials({
      params: { RoleArn: arn, RoleSessionName: sessionName, ...(id === undefined ? {} : { ExternalId: id }) },
      ...(from === undefined ? {} : { masterCredentials: from }),
      clientConfig,
    });
  const from = intermediateRole ? assume(intermediateRole.roleArn, intermediateRole.externalId, credentials) : credentials;
  if (roleArn === undefined) return assume(intermediateRole?.roleArn ?? '', intermediateRole?.externalId, credentials);
  const current = assume(roleArn, externalId, from);
  if (previousExternalId === undefined) return current;
  const previous = assume(roleArn, previousExternalId, from);
  return async () => {
    try {
      return await current();
    } catch (error) {
      if (toAwsError(error, 'AssumeRole').kind !== 'denied') throw error;
      return previous();
    }
  };
}

export function isLoopback(endpoint: string | undefined): boolean {
  if (endpoint === undefined || !URL.canParse(endpoint)) return false;
  const { hostname } = new URL(endpoint);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
