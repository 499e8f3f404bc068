import { fromIni } from '@aws-sdk/credential-providers';
import { AwsError } from './errors.js';
import { organizationsRegion, partitionOfArn, partitionOfRegion } from './partitions.js';
import type { AwsCredentials, CredentialProvider, IntermediateRole } from './role-credentials.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface AccessOptions {
  /** Default: that of the roles, else that of the Region at hand. */
  partition?: string | undefined;
  /** Default: AWS_REGION, AWS_DEFAULT_REGION, else us-east-1. */
  region?: string | undefined;
  /** Default: the profile that is named for the partition; in our own partition, else, the SDK's chain. */
  credentials?: AwsCredentials | undefined;
  roleArn?: string | undefined;
  intermediateRole?: IntermediateRole | undefined;
}

/** Where calls go, and as whom they begin. */
export interface PartitionAccess {
  partition: string;
  /** Of STS, and of queues whose address names none. */
  region: string;
  /** Undefined: the SDK's chain. */
  credentials?: AwsCredentials | CredentialProvider;
}

/** The variable that names a profile of the shared AWS files for a partition, for example `ORGTRAIL_AWS_PROFILE_AWS_US_GOV`. */
function profileVariable(partition: string): string {
  return `ORGTRAIL_AWS_PROFILE_${partition.toUpperCase().replaceAll('-', '_')}`;
}

/**
 * A role decides its partition, and with it Regions, endpoints and credentials: credentials never work in another partition, so they
 * are never sent to one. `clientConfig`: of the clients that the profile may need (STS, SSO).
 */
export function partitionAccess(
  options: AccessOptions,
  clientConfig: object,
  environment: Environment = process.env,
): PartitionAccess {
  const atHand = options.region ?? environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const home = partitionOfRegion(atHand);
  const partition =
    options.partition ?? partitionOfArn(options.intermediateRole?.roleArn) ?? partitionOfArn(options.roleArn) ?? home;
  const region = partition === home ? atHand : organizationsRegion(partition);
  const credentials = options.credentials ?? ownCredentials({ partition, home, region }, clientConfig, environment);
  return { partition, region, ...(credentials === undefined ? {} : { credentials }) };
}

function ownCredentials(
  { partition, home, region }: { partition: string; home: string; region: string },
  clientConfig: object,
  environment: Environment,
): CredentialProvider | undefined {
  const variable = profileVariable(partition);
  const profile = environment[variable]?.trim();
  if (profile) return fromIni({ profile, clientConfig: { ...clientConfig, region } });
  if (partition === home) return undefined;
  return () =>
    Promise.reject(
      new AwsError(
        `Orgtrail's own credentials are of partition ${home}, and work nowhere in ${partition}. Give it credentials of ${partition} in a profile of the shared AWS files, and name the profile in ${variable}.`,
        { kind: 'credentials', operation: 'AssumeRole', code: 'NO_CREDENTIALS_OF_PARTITION' },
      ),
    );
}
