import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { AwsError } from './errors.js';
import type { RoleCalls } from './role-calls.js';
import type { AwsCredentials, IntermediateRole } from './role-credentials.js';
import { untilAborted } from './until-aborted.js';

/** Fixed and documented: the calls stand under these names in the CloudTrail of every member account. */
export const verificationSessionName = 'orgtrail-verification';
export const negativeCheckSessionName = 'orgtrail-negative-check';

const sessionSeconds = 900;
const renewBeforeMs = 5 * 60_000;

/** Nothing more than what is asked with it. GetCallerIdentity needs no permission. */
const memberSessionPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'organizations:DescribeOrganization', Resource: '*' }],
});

export interface RoleSessions {
  /** A session of a member's role that may do nothing but what a verification asks. */
  assumeMemberRole(
    role: { roleArn: string; externalId: string | undefined; sessionName: string },
    signal?: AbortSignal,
  ): Promise<AwsCredentials>;
}

/** The intermediate role could not be assumed: that says nothing about the member's role. */
export class IntermediateRoleFailure extends Error {
  constructor(override readonly cause: AwsError) {
    super(cause.message, { cause });
  }
}

/** Assumes members' roles, through the intermediate role where there is one; its session alone is kept, in memory. */
export function createRoleSessions(options: {
  intermediateRole: IntermediateRole | undefined;
  calls: RoleCalls;
  /** Undefined: our own credentials. */
  stsWith(credentials: AwsCredentials | undefined): STSClient;
}): RoleSessions {
  const { intermediateRole, calls, stsWith } = options;
  const own = stsWith(undefined);
  let kept: { sts: STSClient; expiresAt: number } | undefined;
  let renewing: Promise<STSClient> | undefined;

  const assume = async (
    sts: STSClient,
    role: { roleArn: string; externalId?: string | undefined; sessionName: string; policy?: string },
    signal?: AbortSignal,
  ): Promise<{ credentials: AwsCredentials; expiresAt: number }> => {
    const command = new AssumeRoleCommand({
      RoleArn: role.roleArn,
      RoleSessionName: role.sessionName,
      DurationSeconds: sessionSeconds,
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
      ...(role.policy === undefined ? {} : { Policy: role.policy }),
    });
    const { Credentials } = await calls.call('AssumeRole', (abortSignal) => sts.send(command, withSignal(abortSignal)), signal);
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (AccessKeyId === undefined || SecretAccessKey === undefined || SessionToken === undefined) {
      throw new AwsError('AssumeRole: the answer has no credentials.', { kind: 'malformed', operation: 'AssumeRole' });
    }
    return {
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
      expiresAt: Expiration?.getTime() ?? 0,
    };
  };
  const renew = async (role: IntermediateRole): Promise<STSClient> => {
    try {
      // Without a signal: several verifications wait for it, and one of them must not end it for the others.
      const { credentials, expiresAt } = await assume(own, { ...role, sessionName: verificationSessionName });
      const sts = stsWith(credentials);
      kept = { sts, expiresAt };
      return sts;
    } catch (error) {
      throw error instanceof AwsError ? new IntermediateRoleFailure(error) : error;
    } finally {
      renewing = undefined;
    }
  };
  /** Who assumes the members' roles. */
  const source = async (signal: AbortSignal | undefined): Promise<STSClient> => {
    if (!intermediateRole) return own;
    if (kept && kept.expiresAt - Date.now() >= renewBeforeMs) return kept.sts;
    renewing ??= renew(intermediateRole);
    return untilAborted(renewing, signal);
  };

  return {
    assumeMemberRole: async (role, signal) => {
      const sts = await source(signal);
      try {
        return (await assume(sts, { ...role, policy: memberSessionPolicy }, signal)).credentials;
      } catch (error) {
        // AWS may end a session early (revoked, role made anew): the next verification gets another.
        if (error instanceof AwsError && error.kind === 'credentials' && kept?.sts === sts) kept = undefined;
        throw error;
      }
    },
  };
}

export const withSignal = (abortSignal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
  abortSignal ? { abortSignal } : {};
