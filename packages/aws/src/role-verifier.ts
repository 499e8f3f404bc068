import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { CallReport } from './caller.js';
import { isLoopback, userAgent, type AwsConnectionOptions, type AwsCredentials } from './connection.js';
import { toAwsError, type AwsError } from './errors.js';
import { organizationsRegion, partitionOfRegion } from './partitions.js';
import { TokenBucket } from './rate-limiter.js';
import type { RoleAnswer, RoleFailure, RoleQuestion, TransientFailure } from './role-answer.js';

export interface RoleVerifierOptions extends Pick<
  AwsConnectionOptions,
  'endpoint' | 'region' | 'credentials' | 'intermediateRole' | 'onCall' | 'clock'
> {
  /** Verifications begun a second. Default 20; more only where the endpoint is on this machine. */
  membersPerSecond?: number;
}

/** Proves that a role works, and only with its external id. */
export interface RoleVerifier {
  /** Whom the trust policies of roles have to name. Rejects with an `AwsError`. */
  principal(): Promise<{ accountId: string; arn: string; trusted: string }>;
  /** Never rejects for what AWS answers. */
  verify(question: RoleQuestion): Promise<RoleAnswer>;
  /** Calls so far, by operation. */
  calls(): Record<string, number>;
  destroy(): void;
}

/** Fixed and documented: the calls stand under these names in the CloudTrail of every member account. */
export const verificationSessionName = 'orgtrail-verification';
export const negativeCheckSessionName = 'orgtrail-negative-check';

const usualMembersPerSecond = 20;
const sessionSeconds = 900;
const renewBeforeMs = 5 * 60_000;
const attempts = 4;

/** Nothing more than what is asked with it. GetCallerIdentity needs no permission. */
const sessionPolicy = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'organizations:DescribeOrganization', Resource: '*' }],
});

/** Opens nothing by itself. Sessions of members are dropped after each check: never stored, logged or sent. */
export function createRoleVerifier(options: RoleVerifierOptions): RoleVerifier {
  const perSecond = options.membersPerSecond ?? usualMembersPerSecond;
  if (
    !(perSecond > 0) ||
    (perSecond > usualMembersPerSecond && !isLoopback(options.endpoint ?? process.env['AWS_ENDPOINT_URL']))
  ) {
    throw new RangeError(
      `${perSecond} members a second are not allowed: above 0 and at most ${usualMembersPerSecond}, except on a loopback endpoint.`,
    );
  }
  const now = options.clock ?? (() => performance.now());
  const region = options.region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  // One pool of connections for all: clients are made per session, and thrown away with it.
  const requestHandler = new NodeHttpHandler({
    connectionTimeout: 5_000,
    requestTimeout: 20_000,
    httpsAgent: { maxSockets: 50, keepAlive: true },
    httpAgent: { maxSockets: 50, keepAlive: true },
  });
  const base = {
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    customUserAgent: userAgent,
    maxAttempts: 1,
    requestHandler,
  };
  const stsWith = (credentials: AwsCredentials | undefined) =>
    new STSClient({ ...base, region, ...(credentials === undefined ? {} : { credentials }) });
  const ambient = stsWith(options.credentials);
  const bucket = new TokenBucket({ rate: perSecond, burst: Math.max(1, perSecond / 4), now });
  const counts = new Map<string, number>();

  const call = async <T>(operation: string, send: () => Promise<T>): Promise<T> => {
    for (let tried = 1; ; tried += 1) {
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      const begun = now();
      try {
        const answer = await send();
        options.onCall?.({ operation, outcome: 'ok', milliseconds: now() - begun });
        return answer;
      } catch (thrown) {
        const error = toAwsError(thrown, operation);
        options.onCall?.({ operation, outcome: outcomeOf(error), milliseconds: now() - begun });
        if (!error.retriable || tried >= attempts) throw error;
        await delay(Math.random() * 200 * 2 ** tried);
      }
    }
  };
  const assume = async (
    sts: STSClient,
    role: { roleArn: string; externalId: string | undefined; sessionName: string; policy?: string },
  ): Promise<Session> => {
    const { Credentials } = await call('AssumeRole', () =>
      sts.send(
        new AssumeRoleCommand({
          RoleArn: role.roleArn,
          RoleSessionName: role.sessionName,
          DurationSeconds: sessionSeconds,
          ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
          ...(role.policy === undefined ? {} : { Policy: role.policy }),
        }),
      ),
    );
    return {
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      },
      expiresAt: Credentials?.Expiration?.getTime() ?? 0,
    };
  };

  let intermediate: Session | undefined;
  let renewing: Promise<Session> | undefined;
  /** Who assumes the members' roles. */
  const source = async (): Promise<STSClient> => {
    const { intermediateRole } = options;
    if (!intermediateRole) return ambient;
    if (intermediate === undefined || intermediate.expiresAt - Date.now() < renewBeforeMs) {
      renewing ??= assume(ambient, {
        ...intermediateRole,
        externalId: intermediateRole.externalId,
        sessionName: verificationSessionName,
      });
      try {
        intermediate = await renewing;
      } catch (error) {
        throw new IntermediateRefused(error as AwsError);
      } finally {
        renewing = undefined;
      }
    }
    return stsWith(intermediate.credentials);
  };

  /** Assumes the role with the first external id that is taken. */
  const assumeMember = async (sts: STSClient, { roleArn, externalId, previousExternalId }: RoleQuestion) => {
    const role = { roleArn, sessionName: verificationSessionName, policy: sessionPolicy };
    try {
      return { session: await assume(sts, { ...role, externalId }), usedPreviousExternalId: false };
    } catch (error) {
      if ((error as AwsError).kind !== 'denied' || previousExternalId === undefined) throw error;
      return { session: await assume(sts, { ...role, externalId: previousExternalId }), usedPreviousExternalId: true };
    }
  };
  const refuses = async (sts: STSClient, roleArn: string, externalId: string | undefined): Promise<boolean> => {
    try {
      await assume(sts, { roleArn, externalId, sessionName: negativeCheckSessionName, policy: sessionPolicy });
      return false;
    } catch (error) {
      if ((error as AwsError).kind === 'denied') return true;
      throw error;
    }
  };

  const check = async (question: RoleQuestion): Promise<RoleAnswer> => {
    const sts = await source();
    const { session, usedPreviousExternalId } = await assumeMember(sts, question);
    const identity = await call('GetCallerIdentity', () => stsWith(session.credentials).send(new GetCallerIdentityCommand({})));
    if (identity.Account !== question.accountId) {
      return failed(
        'WRONG_ACCOUNT',
        `The role leads into account ${identity.Account ?? '(none)'} instead of ${question.accountId}.`,
      );
    }
    const organizations = new OrganizationsClient({
      ...base,
      region: organizationsRegion(partitionOfRegion(region)),
      credentials: session.credentials,
    });
    const { Organization } = await call('DescribeOrganization', () => organizations.send(new DescribeOrganizationCommand({})));
    if (Organization?.Id !== question.organizationId) {
      return failed(
        'WRONG_ORGANIZATION',
        `The account says that it belongs to ${Organization?.Id ?? '(none)'} instead of ${question.organizationId}.`,
      );
    }
    const negativeChecked = question.negative && question.externalId !== undefined;
    if (negativeChecked) {
      const { roleArn, retiredExternalId } = question;
      if (!(await refuses(sts, roleArn, undefined))) {
        return failed('EXTERNAL_ID_NOT_ENFORCED', 'The role could be assumed without an external id.');
      }
      if (!(await refuses(sts, roleArn, `wrong-${randomBytes(12).toString('hex')}`))) {
        return failed('EXTERNAL_ID_NOT_ENFORCED', 'The role could be assumed with a wrong external id.');
      }
      if (retiredExternalId !== undefined && !(await refuses(sts, roleArn, retiredExternalId))) {
        return failed('OLD_EXTERNAL_ID_ACCEPTED', 'The role could be assumed with the former external id.');
      }
    }
    return { outcome: 'verified', usedPreviousExternalId, negativeChecked };
  };

  return {
    principal: async () => {
      const { Account = '', Arn = '' } = await call('GetCallerIdentity', () => ambient.send(new GetCallerIdentityCommand({})));
      const { intermediateRole } = options;
      return { accountId: Account, arn: Arn, trusted: intermediateRole?.roleArn ?? trustedPrincipal(Arn, Account) };
    },
    verify: async (question) => {
      await bucket.take('background');
      try {
        return await check(question);
      } catch (error) {
        return answerOf(error);
      }
    },
    calls: () => Object.fromEntries(counts),
    destroy: () => requestHandler.destroy(),
  };
}

interface Session {
  credentials: AwsCredentials;
  /** Epoch milliseconds. */
  expiresAt: number;
}

class IntermediateRefused extends Error {
  constructor(override readonly cause: AwsError) {
    super(cause.message, { cause });
  }
}

const failed = (cause: RoleFailure, detail: string): RoleAnswer => ({ outcome: 'failed', cause, detail });
const undecided = (cause: TransientFailure, detail: string): RoleAnswer => ({ outcome: 'undecided', cause, detail });

/** What an error of AWS says about the role. */
function answerOf(thrown: unknown): RoleAnswer {
  const throughIntermediate = thrown instanceof IntermediateRefused;
  const error = toAwsError(throughIntermediate ? thrown.cause : thrown, 'AssumeRole');
  switch (error.kind) {
    case 'denied':
      if (throughIntermediate) return failed('INTERMEDIATE_ROLE_NOT_ASSUMABLE', error.message);
      return failed(error.operation === 'AssumeRole' ? 'ROLE_NOT_ASSUMABLE' : 'MISSING_PERMISSION', error.message);
    case 'not-in-organization':
      return failed('NOT_IN_ORGANIZATION', error.message);
    case 'invalid':
    case 'not-found':
      if (error.code === 'RegionDisabledException') return failed('REGION_DISABLED', error.message);
      return failed('INVALID_ROLE', error.message);
    case 'credentials':
      return undecided('OWN_CREDENTIALS', error.message);
    case 'throttled':
      return undecided('AWS_THROTTLED', error.message);
    case 'unreachable':
      return undecided('AWS_UNREACHABLE', error.message);
    case 'malformed':
    case 'unavailable':
    case 'page-token-expired':
      return undecided('AWS_UNAVAILABLE', error.message);
  }
}

/** A session's ARN lacks the path of its role, so the account stands for it; the role's own policy still has to allow sts:AssumeRole. */
function trustedPrincipal(arn: string, accountId: string): string {
  const [, partition = 'aws', service] = arn.split(':');
  return service === 'sts' ? `arn:${partition}:iam::${accountId}:root` : arn;
}

function outcomeOf({ kind }: AwsError): CallReport['outcome'] {
  return kind === 'throttled' || kind === 'denied' || kind === 'not-found' ? kind : 'failed';
}
