import { randomBytes } from 'node:crypto';
import { uniqueId } from '../events/user-identity.js';
import { AwsError } from '../wire/errors.js';
import type { Caller, Role } from './caller.js';
import type { Identities, RoleAssumption } from './identities.js';

interface StsCall {
  caller: Caller;
  identities: Identities;
  /** Epoch milliseconds: simulated, and of the system. */
  now: number;
  systemNow: number;
}

/** Parameters of the query protocol, lists flattened as `Tags.member.1.Key`. */
type Parameters = Readonly<Record<string, string>>;

/** Answers as nested texts, in the order of the members in the XML. */
export type StsResult = { [member: string]: string | StsResult };

const longestChainedSeconds = 3600;

export const stsOperations: ReadonlyMap<string, (call: StsCall, parameters: Parameters) => StsResult> = new Map(
  Object.entries({ GetCallerIdentity: getCallerIdentity, AssumeRole: assumeRole }),
);

function getCallerIdentity({ caller }: StsCall): StsResult {
  return { UserId: caller.userId, Account: caller.accountId, Arn: caller.arn };
}

function assumeRole({ caller, identities, now, systemNow }: StsCall, parameters: Parameters): StsResult {
  const arn = checked(parameters, 'RoleArn', /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/, 20, 2048);
  const sessionName = checked(parameters, 'RoleSessionName', /^[\w+=,.@-]*$/, 2, 64);
  const externalId = 'ExternalId' in parameters ? checked(parameters, 'ExternalId', /^[\w+=,.@:/-]*$/, 2, 1224) : undefined;
  const seconds = durationOf(parameters, caller);
  const sessionActions = 'Policy' in parameters ? actionsAllowedBy(parameters['Policy'] ?? '') : undefined;
  const role = identities.roleOf(arn, now);
  const note = (outcome: RoleAssumption['outcome']): void =>
    identities.noteAssumption({ roleArn: arn, sessionName, outcome, at: now });
  if (role?.assumingFails) {
    note('failed');
    throw new AwsError(role.assumingFails.code, 'As the test wants it.', { status: role.assumingFails.status });
  }
  // AWS tells missing roles, foreign principals and wrong external ids apart to nobody.
  if (role === undefined || !trusts(role, caller, externalId)) {
    note('refused');
    throw new AwsError('AccessDenied', `User: ${caller.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn}`, {
      status: 403,
    });
  }
  note('assumed');
  const { credentials, principal } = identities.openSession(role, {
    sessionName,
    ...(sessionActions === undefined ? {} : { sessionActions }),
    began: systemNow,
    expiresAt: systemNow + seconds * 1000,
    token: randomBytes(96).toString('base64'),
  });
  return {
    AssumedRoleUser: { AssumedRoleId: `${uniqueId('AROA', role.arn)}:${sessionName}`, Arn: principal.arn },
    Credentials: {
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      SessionToken: credentials.sessionToken,
      Expiration: new Date(credentials.expiresAt).toISOString(),
    },
    PackedPolicySize: '6',
  };
}

function trusts({ trust }: Role, caller: Caller, externalId: string | undefined): boolean {
  const identity = caller.role?.arn ?? caller.arn;
  return trust.some(({ principals, externalIds }) => {
    const names = principals.some((trusted) => {
      const account = /^(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?$/.exec(trusted)?.[1];
      return trusted === '*' || trusted === identity || trusted === caller.arn || account === caller.accountId;
    });
    return names && (externalIds.length === 0 || (externalId !== undefined && externalIds.includes(externalId)));
  });
}

function durationOf(parameters: Parameters, caller: Caller): number {
  const seconds = Number(parameters['DurationSeconds'] ?? 3600);
  if (!Number.isInteger(seconds) || seconds < 900 || seconds > 43_200) {
    throw validationError(`Value '${parameters['DurationSeconds'] ?? ''}' at 'durationSeconds' must be between 900 and 43200.`);
  }
  if (caller.role !== undefined && seconds > longestChainedSeconds) {
    throw validationError('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining');
  }
  return seconds;
}

/** The actions that a session policy allows. Denials, resources and conditions are not simulated. */
function actionsAllowedBy(policy: string): string[] {
  try {
    const document = JSON.parse(policy) as { Statement: PolicyStatement | PolicyStatement[] };
    return [document.Statement].flat().flatMap(({ Effect, Action }) => (Effect === 'Allow' ? [Action].flat() : []));
  } catch (cause) {
    throw new AwsError('MalformedPolicyDocument', `The policy is not in the valid JSON format: ${String(cause)}`);
  }
}

interface PolicyStatement {
  Effect: string;
  Action: string | string[];
}

function checked(parameters: Parameters, name: string, pattern: RegExp, minimum: number, maximum: number): string {
  const value = parameters[name] ?? '';
  if (value.length >= minimum && value.length <= maximum && pattern.test(value)) return value;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  throw validationError(
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: pattern ${pattern.source}`,
  );
}

const validationError = (message: string): AwsError => new AwsError('ValidationError', message);
