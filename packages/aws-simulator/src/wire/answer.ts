import { awsClock, failureOf, latencyOf } from '../behaviours.js';
import type { SimulatedAws } from '../simulated-aws.js';
import type { Caller } from '../sts/caller.js';
import { refusal, refusalByPolicy } from '../sts/permissions.js';
import { actionOf, namesOf, type WireCall } from './call.js';
import { clockComplaint } from './clock.js';
import { AwsError } from './errors.js';
import { answerWith, errorAnswer, htmlAnswer, type Answer } from './protocols.js';
import { queryInput } from './query-form.js';
import type { ServiceCall, ServiceErrors, ServiceOperation } from './service.js';

/** The answer of AWS to one call, refusals included. What this throws is a defect of the simulator. */
export async function answer(aws: SimulatedAws, call: WireCall): Promise<Answer> {
  const { service, operation, requestId, signal } = call;
  const answered = { protocol: service.protocol, operation, requestId };
  const failure = failureOf(aws.world.behaviours(), namesOf(call), aws.wireRandom);
  if (failure === 'html') return htmlAnswer(500);
  try {
    if (failure !== undefined) throw failure === 'throttled' ? service.errors.slowDown() : service.errors.broken();
    const caller = callerOf(aws, call);
    const known = service.operations.get(operation);
    if (known === undefined) {
      throw new AwsError(
        service.errors.unknownOperation,
        `The simulator does not know the operation ${operation} of ${service.name}.`,
      );
    }
    const serviceCall: ServiceCall = { aws, caller, region: call.claim?.region ?? '', input: inputOf(call), signal };
    return answerWith(await carryOut(call, known, serviceCall), answered);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return errorAnswer(error, answered);
  }
}

/** Milliseconds that this call takes longer. */
export const delayOf = ({ world }: SimulatedAws, call: WireCall): number => latencyOf(world.behaviours(), namesOf(call));

function callerOf({ world, identities }: SimulatedAws, { service, claim, sourceIpAddress, userAgent }: WireCall): Caller {
  const { credentials, keepsQueryCodes } = service.errors;
  const { missing, unknown, expired, skewed, status } = credentials;
  const refuse = (code: string, message: string): AwsError =>
    new AwsError(code, message, { status, ...(keepsQueryCodes ? { queryCode: code } : {}) });
  if (claim === undefined) throw refuse(missing, 'Missing Authentication Token');
  const complaint = clockComplaint(claim.signedAt, awsClock(world.behaviours()));
  if (complaint !== undefined) throw refuse(skewed, complaint);
  const principal = identities.identify(claim.accessKeyId, claim.sessionToken, world.systemNow());
  if (principal === 'unknown') throw refuse(unknown, 'The security token included in the request is invalid.');
  if (principal === 'expired') throw refuse(expired, 'The security token included in the request is expired');
  return { ...principal, sourceIpAddress, userAgent };
}

/** Admits and runs an operation, and keeps record of what was asked: whatever else is wrong with a call, it was allowed to begin with. */
async function carryOut(call: WireCall, operation: ServiceOperation, serviceCall: ServiceCall): Promise<object | undefined> {
  const { aws, caller } = serviceCall;
  const actions = [actionOf(call), ...(operation.alsoNeeds?.(serviceCall) ?? [])];
  const record = (outcome: 'allowed' | 'denied'): void => actions.forEach((action) => aws.recordAction(action, caller, outcome));
  try {
    admit({ actions, names: namesOf(call), errors: call.service.errors }, operation, serviceCall);
    const output = await operation.run(serviceCall);
    record('allowed');
    return output;
  } catch (error) {
    const denied = error instanceof AwsError && /^AccessDenied(Exception)?$/.test(error.code);
    record(denied ? 'denied' : 'allowed');
    throw error;
  }
}

interface AskedFor {
  /** The operation's own first. */
  actions: readonly string[];
  /** By which behaviours know the operation. */
  names: readonly string[];
  errors: ServiceErrors;
}

/** Throws when a behaviour denies the operation, or the caller's policies do not allow it. */
function admit({ actions, names, errors }: AskedFor, operation: ServiceOperation, serviceCall: ServiceCall): void {
  const { kind, resourceOf, free, admitsItself } = operation;
  const { aws, caller } = serviceCall;
  if (admitsItself) return;
  for (const action of actions) {
    const { denied } = aws.world.behaviours();
    if ([...names, action].some((name) => denied.includes(name))) throw errors.denied(refusal(caller.arn, action, '*'));
    if (free) continue;
    const refused = refusalByPolicy({ action, kind, resource: resourceOf?.(serviceCall) ?? '*' }, caller);
    if (refused !== undefined) throw errors.denied(refused);
  }
}

function inputOf({ service, body }: WireCall): Record<string, unknown> {
  if (!('json' in service.protocol)) return queryInput(body);
  try {
    return JSON.parse(body === '' ? '{}' : body) as Record<string, unknown>;
  } catch {
    // What exactly is wrong with it is the caller's to find out, as with AWS.
    throw new AwsError('SerializationException', 'The request is not valid JSON.');
  }
}
