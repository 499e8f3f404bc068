import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { AwsError, toAssumeRoleError } from './errors.js';

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface IntermediateRole {
  roleArn: string;
  externalId?: string;
}

export type CredentialProvider = ReturnType<typeof fromTemporaryCredentials>;

export interface RoleChain {
  /** Default: the SDK's chain. */
  credentials?: AwsCredentials | CredentialProvider | undefined;
  intermediateRole?: IntermediateRole | undefined;
  roleArn?: string | undefined;
  externalId?: string | undefined;
  previousExternalId?: string | undefined;
}

const sessionName = 'orgtrail';

/**
 * Credentials of the role, through the intermediate one; undefined where neither is given. Kept in memory by the SDK's clients, and
 * renewed shortly before they expire. What AWS refuses is an `AwsError` of AssumeRole.
 */
export function roleCredentials(chain: RoleChain, clientConfig: object): CredentialProvider | undefined {
  const { intermediateRole, roleArn, externalId, previousExternalId } = chain;
  const intermediate =
    intermediateRole &&
    assume(intermediateRole.roleArn, [intermediateRole.externalId], { from: chain.credentials, clientConfig });
  if (roleArn === undefined) return intermediate;
  const externalIds = previousExternalId === undefined ? [externalId] : [externalId, previousExternalId];
  return assume(roleArn, externalIds, { from: intermediate ?? chain.credentials, clientConfig });
}

/** Sessions of one role, with the first external id that it takes. */
function assume(
  roleArn: string,
  externalIds: readonly (string | undefined)[],
  { from, clientConfig }: { from: AwsCredentials | CredentialProvider | undefined; clientConfig: object },
): CredentialProvider {
  const providers = externalIds.map((externalId) =>
    fromTemporaryCredentials({
      params: { RoleArn: roleArn, RoleSessionName: sessionName, ...(externalId === undefined ? {} : { ExternalId: externalId }) },
      ...(from === undefined ? {} : { masterCredentials: from }),
      clientConfig,
    }),
  );
  return async (properties) => {
    let refusal: AwsError | undefined;
    for (const provider of providers) {
      try {
        return await provider(properties);
      } catch (error) {
        // The intermediate role's failure: no external id of this role mends it.
        if (error instanceof AwsError) throw error;
        // Named here, or it would stand under the name of the read that needed the session.
        refusal = toAssumeRoleError(error, roleArn);
        if (refusal.kind !== 'denied') throw refusal;
      }
    }
    throw refusal ?? new RangeError('There is always an external id to try, if only none.');
  };
}
