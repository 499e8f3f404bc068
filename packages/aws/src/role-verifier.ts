import { randomBytes } from 'node:crypto';
import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsConnectionOptions } from './connection.js';
import { declare } from './declared-actions.js';
import { onlyDeclared } from './declared-calls.js';
import { AwsError } from './errors.js';
import { failed, judgeRoleError } from './judge-role-error.js';
import { isLoopback } from './loopback.js';
import { partitionAccess } from './partition-access.js';
import { organizationsRegion } from './partitions.js';
import { TokenBucket } from './rate-limiter.js';
import { createRequestHandler } from './request-handler.js';
import type { RoleAnswer, RoleQuestion } from './role-answer.js';
import { createRoleCalls } from './role-calls.js';
import type { AwsCredentials, CredentialProvider } from './role-credentials.js';
import { createRoleSessions, negativeCheckSessionName, verificationSessionName, withSignal } from './role-sessions.js';
import { userAgent } from './user-agent.js';

export interface RoleVerifierOptions extends Pick<
  AwsConnectionOptions,
  'endpoint' | 'partition' | 'region' | 'credentials' | 'intermediateRole' | 'onCall' | 'clock'
> {
  /** Verifications begun a second. Default 20; more only where the endpoint is on this machine. */
  membersPerSecond?: number;
}

/** Proves that a role works, and only with its external id. */
export interface RoleVerifier {
  /**
   * Whom the trust policies of roles have to name: `trusted` is the intermediate role, else our own role or user, else our account (a
   * session does not tell its role's path). Rejects with an `AwsError`.
   */
  principal(): Promise<{ accountId: string; arn: string; trusted: string }>;
  /** Never rejects for what AWS answers; only with the signal's reason. */
  verify(question: RoleQuestion, signal?: AbortSignal): Promise<RoleAnswer>;
  /** Calls so far, by operation, each attempt counted. */
  calls(): Record<string, number>;
  destroy(): void;
}

/** Of a member's role: what its session is asked beside GetCallerIdentity, which needs no permission. */
export const roleVerificationActions = declare('organizations', ['DescribeOrganization'], 'any');

const usualMembersPerSecond = 20;

/** Opens nothing by itself. Sessions of members are dropped after each check: never stored, logged or sent. */
export function createRoleVerifier(options: RoleVerifierOptions): RoleVerifier {
  const perSecond = options.membersPerSecond ?? usualMembersPerSecond;
  const endpoint = options.endpoint ?? process.env['AWS_ENDPOINT_URL'];
  if (!(perSecond > 0) || (perSecond > usualMembersPerSecond && !isLoopback(endpoint))) {
    throw new RangeError(
      `${perSecond} members a second are not allowed: above 0 and at most ${usualMembersPerSecond}, except on a loopback endpoint.`,
    );
  }
  const now = options.clock ?? (() => performance.now());
  // One pool of connections for all: clients are made per session, and thrown away with it.
  const requestHandler = createRequestHandler();
  const base = {
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    customUserAgent: userAgent,
    maxAttempts: 1,
    requestHandler,
  };
  const { partition, region, credentials: ours } = partitionAccess(options, base);
  const stsWith = (credentials: AwsCredentials | CredentialProvider | undefined = ours): STSClient =>
    new STSClient({ ...base, region, ...(credentials === undefined ? {} : { credentials }) });
  const own = stsWith();
  const bucket = new TokenBucket({ rate: perSecond, burst: Math.max(1, perSecond / 4), now });
  const calls = createRoleCalls({ onCall: options.onCall, now });
  const sessions = createRoleSessions({ intermediateRole: options.intermediateRole, calls, stsWith });

  const accountOf = async (sts: STSClient, signal?: AbortSignal): Promise<{ accountId: string; arn: string }> => {
    const { Account, Arn } = await calls.call(
      'GetCallerIdentity',
      (abortSignal) => sts.send(new GetCallerIdentityCommand({}), withSignal(abortSignal)),
      signal,
    );
    if (Account === undefined || Arn === undefined) throw malformed('GetCallerIdentity', 'account');
    return { accountId: Account, arn: Arn };
  };
  const organizationOf = async (credentials: AwsCredentials, signal?: AbortSignal): Promise<string> => {
    const organizations = onlyDeclared(
      new OrganizationsClient({ ...base, region: organizationsRegion(partition), credentials }),
      'organizations',
      roleVerificationActions,
    );
    const { Organization } = await calls.call(
      'DescribeOrganization',
      (abortSignal) => organizations.send(new DescribeOrganizationCommand({}), withSignal(abortSignal)),
      signal,
    );
    if (Organization?.Id === undefined) throw malformed('DescribeOrganization', 'organization');
    return Organization.Id;
  };

  /** Assumes the role with the first external id that is taken. */
  const assumeMember = async (question: RoleQuestion, signal: AbortSignal | undefined) => {
    const { roleArn, externalId, previousExternalId } = question;
    const assume = (id: string | undefined) =>
      sessions.assumeMemberRole({ roleArn, externalId: id, sessionName: verificationSessionName }, signal);
    try {
      return { session: await assume(externalId), usedPreviousExternalId: false };
    } catch (error) {
      if (!isRefusal(error) || previousExternalId === undefined) throw error;
      return { session: await assume(previousExternalId), usedPreviousExternalId: true };
    }
  };
  const refuses = async (roleArn: string, externalId: string | undefined, signal: AbortSignal | undefined): Promise<boolean> => {
    try {
      await sessions.assumeMemberRole({ roleArn, externalId, sessionName: negativeCheckSessionName }, signal);
      return false;
    } catch (error) {
      if (isRefusal(error)) return true;
      throw error;
    }
  };
  /** What is wrong with a role that works: it works for others too. */
  const checkRefusals = async (
    { roleArn, retiredExternalId }: RoleQuestion,
    signal: AbortSignal | undefined,
  ): Promise<RoleAnswer | undefined> => {
    if (!(await refuses(roleArn, undefined, signal))) {
      return failed('EXTERNAL_ID_NOT_ENFORCED', 'The role could be assumed without an external id.');
    }
    if (!(await refuses(roleArn, `wrong-${randomBytes(12).toString('hex')}`, signal))) {
      return failed('EXTERNAL_ID_NOT_ENFORCED', 'The role could be assumed with a wrong external id.');
    }
    if (retiredExternalId !== undefined && !(await refuses(roleArn, retiredExternalId, signal))) {
      return failed('OLD_EXTERNAL_ID_ACCEPTED', 'The role could be assumed with the former external id.');
    }
    return undefined;
  };

  const check = async (question: RoleQuestion, signal: AbortSignal | undefined): Promise<RoleAnswer> => {
    const { roleArn, accountId, organizationId } = question;
    const named = /^arn:[\w-]+:iam::(\d{12}):role\//.exec(roleArn)?.[1];
    if (named !== undefined && named !== accountId) {
      return failed('WRONG_ACCOUNT', `The role ARN names account ${named} instead of ${accountId}.`);
    }
    const { session, usedPreviousExternalId } = await assumeMember(question, signal);
    const identity = await accountOf(stsWith(session), signal);
    if (identity.accountId !== accountId) {
      return failed('WRONG_ACCOUNT', `The role leads into account ${identity.accountId} instead of ${accountId}.`);
    }
    const organization = await organizationOf(session, signal);
    if (organization !== organizationId) {
      return failed('WRONG_ORGANIZATION', `The account says that it belongs to ${organization} instead of ${organizationId}.`);
    }
    const negativeChecked = question.negative && question.externalId !== undefined;
    const wrong = negativeChecked ? await checkRefusals(question, signal) : undefined;
    return wrong ?? { outcome: 'verified', usedPreviousExternalId, negativeChecked };
  };

  return {
    principal: async () => {
      const identity = await accountOf(own);
      return { ...identity, trusted: options.intermediateRole?.roleArn ?? trustedPrincipal(identity) };
    },
    verify: async (question, signal) => {
      await bucket.take('background', signal);
      try {
        return await check(question, signal);
      } catch (error) {
        signal?.throwIfAborted();
        return judgeRoleError(error);
      }
    },
    calls: () => calls.counts(),
    destroy: () => requestHandler.destroy(),
  };
}

const isRefusal = (error: unknown): boolean => error instanceof AwsError && error.kind === 'denied';

const malformed = (operation: string, what: string): AwsError =>
  new AwsError(`${operation}: the answer names no ${what}.`, { kind: 'malformed', operation });

/** A session's ARN lacks the path of its role, so the account stands for it; the role's own policy still has to allow sts:AssumeRole. */
function trustedPrincipal({ arn, accountId }: { arn: string; accountId: string }): string {
  const [, partition = 'aws', service] = arn.split(':');
  return service === 'sts' ? `arn:${partition}:iam::${accountId}:root` : arn;
}
