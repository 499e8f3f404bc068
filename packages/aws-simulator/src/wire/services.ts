import { latencyOf } from '../behaviours.js';
import { authorize, refuseByPolicy } from '../organizations/authorize.js';
import { perform } from '../organizations/perform.js';
import { operations } from '../organizations/registry.js';
import type { Throttle } from '../organizations/throttle.js';
import { sqsOperations, type SqsContext } from '../sqs/operations.js';
import type { Random } from '../random.js';
import type { Caller } from '../sts/caller.js';
import type { Identities } from '../sts/identities.js';
import { stsOperations } from '../sts/operations.js';
import { getResources } from '../tagging/get-resources.js';
import type { World } from '../world.js';
import { accessDenied, AwsError } from './errors.js';
import type { Input } from './fields.js';
import { toLowerCamelCase } from './member-names.js';
import { jsonAnswer, jsonError, queryAnswer, queryError, type Answer } from './protocols.js';
import type { Claim } from './request.js';

/** One call, taken off the wire, before anybody looked at it. */
export interface WireCall {
  service: 'organizations' | 'sts' | 'sqs' | 'tagging';
  operation: string;
  /** A JSON object, or the form of the query protocol. */
  body: string;
  claim: Claim | undefined;
  sourceIpAddress: string;
  userAgent: string;
  requestId: string;
  /** Aborted when the client hangs up. */
  signal: AbortSignal;
}

export interface Services {
  world: World;
  identities: Identities;
  throttle: Throttle;
  /** For what happens on the wire only, so that reads change no id of a later write. */
  wireRandom: Random;
  sqs: Omit<SqsContext, 'signal' | 'behaviours' | 'random'>;
}

/** How each service says the same three things about credentials, and with which HTTP status. */
const credentialErrors = {
  organizations: {
    missing: 'MissingAuthenticationTokenException',
    unknown: 'UnrecognizedClientException',
    expired: 'ExpiredTokenException',
    status: 400,
  },
  tagging: {
    missing: 'MissingAuthenticationTokenException',
    unknown: 'UnrecognizedClientException',
    expired: 'ExpiredTokenException',
    status: 400,
  },
  sqs: { missing: 'MissingAuthenticationToken', unknown: 'InvalidClientTokenId', expired: 'ExpiredToken', status: 403 },
  sts: { missing: 'MissingAuthenticationToken', unknown: 'InvalidClientTokenId', expired: 'ExpiredToken', status: 403 },
} as const;

export async function answer(services: Services, call: WireCall): Promise<Answer> {
  const jsonVersion = call.service === 'sqs' ? '1.0' : '1.1';
  try {
    const caller = callerOf(services, call);
    if (call.service !== 'organizations') refuseDenied(services, call, caller);
    switch (call.service) {
      case 'organizations':
        return jsonAnswer(organizations(services, call, caller), jsonVersion, call.requestId);
      case 'tagging':
        return jsonAnswer(tagging(services, call, caller), jsonVersion, call.requestId);
      case 'sqs':
        return jsonAnswer(await sqs(services, call, caller), jsonVersion, call.requestId);
      case 'sts': {
        const parameters = Object.fromEntries(new URLSearchParams(call.body));
        const run = known(stsOperations, call, 'InvalidAction');
        const result = run({ caller, identities: services.identities, now: services.world.now() }, parameters);
        return queryAnswer(call.operation, result, call.requestId);
      }
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return call.service === 'sts' ? queryError(error, call.requestId) : jsonError(error, jsonVersion, call.requestId);
  }
}

function organizations(services: Services, call: WireCall, caller: Caller): object | undefined {
  const { world, throttle, wireRandom } = services;
  const operation = known(operations, call);
  const input = toLowerCamelCase(jsonOf(call)) as Input;
  const behaviours = world.behaviours();
  const admit = (): void => {
    refuseDenied(services, call, caller);
    authorize(call.operation, operation, caller, world.store.current, behaviours);
    if (behaviours.throttling) throttle.admit(call.operation, caller.accountId);
  };
  if (operation.kind === 'write') return perform(world, { name: call.operation, operation, input, caller, admit });
  admit();
  return operation.run(
    { world: { ...world, random: wireRandom }, behaviours, caller, view: world.store.asOf(behaviours.staleReadsMs) },
    input,
  );
}

function tagging({ world }: Services, call: WireCall, caller: Caller): object {
  if (call.operation !== 'GetResources') throw unknownOperation(call, 'UnknownOperationException');
  refuseByPolicy('tag:GetResources', 'read', caller);
  const behaviours = world.behaviours();
  const view = world.store.asOf(behaviours.tagIndexLagMs);
  return getResources({ view, behaviours, caller, region: call.claim?.region ?? '' }, jsonOf(call));
}

async function sqs({ world, wireRandom, sqs: queue }: Services, call: WireCall, caller: Caller): Promise<object | undefined> {
  const run = known(sqsOperations, call);
  if (caller.accountId !== world.store.identity.managementAccountId) {
    throw new AwsError(
      'com.amazonaws.sqs#AccessDenied',
      `User: ${caller.arn} is not authorized to perform: sqs:${call.operation}`,
      {
        status: 403,
        queryCode: 'AccessDenied',
      },
    );
  }
  return run({ ...queue, behaviours: world.behaviours, random: wireRandom, signal: call.signal }, jsonOf(call));
}

function callerOf({ world, identities }: Services, { service, claim, sourceIpAddress, userAgent }: WireCall): Caller {
  const { missing, unknown, expired, status } = credentialErrors[service];
  const refuse = (code: string, message: string): AwsError =>
    new AwsError(code, message, { status, ...(service === 'sqs' ? { queryCode: code } : {}) });
  if (claim === undefined) throw refuse(missing, 'Missing Authentication Token');
  const principal = identities.identify(claim.accessKeyId, claim.sessionToken, world.now());
  if (principal === 'unknown') throw refuse(unknown, 'The security token included in the request is invalid.');
  if (principal === 'expired') throw refuse(expired, 'The security token included in the request is expired');
  return { ...principal, sourceIpAddress, userAgent };
}

function refuseDenied({ world }: Services, { service, operation }: WireCall, { arn }: Caller): void {
  if (!world.behaviours().denied.includes(operation)) return;
  const action = `${service === 'tagging' ? 'tag' : service}:${operation}`;
  const message = `User: ${arn} is not authorized to perform: ${action} on resource: * because no identity-based policy allows the ${action} action`;
  if (service === 'organizations' || service === 'tagging') throw accessDenied(message);
  throw new AwsError('AccessDenied', message, { status: 403, ...(service === 'sqs' ? { queryCode: 'AccessDenied' } : {}) });
}

function jsonOf({ body }: WireCall): Record<string, unknown> {
  try {
    return JSON.parse(body === '' ? '{}' : body) as Record<string, unknown>;
  } catch {
    // What exactly is wrong with it is the caller's to find out, as with AWS.
    throw new AwsError('SerializationException', 'The request is not valid JSON.');
  }
}

function known<T>(table: ReadonlyMap<string, T>, call: WireCall, code = 'UnknownOperationException'): T {
  const entry = table.get(call.operation);
  if (entry === undefined) throw unknownOperation(call, code);
  return entry;
}

const unknownOperation = ({ operation }: WireCall, code: string): AwsError =>
  new AwsError(code, `The simulator does not know the operation ${operation}.`);

/** Milliseconds that this call takes longer. */
export const delayOf = ({ world }: Services, { operation }: WireCall): number => latencyOf(world.behaviours(), operation);
