import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { claimOf, type Claim } from './request.js';
import type { Service } from './service.js';
import { services } from './services.js';

/** One call, taken off the wire, before anybody looked at it. */
export interface WireCall {
  service: Service;
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

/** `undefined` for what is no call of AWS that is simulated. */
export function callOn(request: IncomingMessage, body: string, signal: AbortSignal): WireCall | undefined {
  const claim = claimOf(request);
  const asked = request.method === 'POST' ? (askedByTarget(request) ?? askedByForm(body, claim)) : undefined;
  if (asked === undefined) return undefined;
  return {
    ...asked,
    body,
    claim,
    sourceIpAddress: request.socket.remoteAddress ?? '127.0.0.1',
    userAgent: request.headers['user-agent'] ?? 'unknown',
    requestId: randomUUID(),
    signal,
  };
}

/**
 * The names that a behaviour may mean this call by, the best first: the operation alone (of the first service that has one of that name), the
 * operation with its service, and the IAM action.
 */
export function namesOf({ service, operation }: Pick<WireCall, 'service' | 'operation'>): string[] {
  const first = services.find(({ operations }) => operations.has(operation)) ?? service;
  const full = `${service.actions}:${operation}`;
  return [...new Set([...(first === service ? [operation] : []), full, actionOf({ service, operation })])];
}

/** The IAM action of an operation. */
export function actionOf({ service, operation }: Pick<WireCall, 'service' | 'operation'>): string {
  return service.operations.get(operation)?.action ?? `${service.actions}:${operation}`;
}

type Asked = Pick<WireCall, 'service' | 'operation'>;

/** CloudTrail's prefix has dots in some SDKs, and is the last part of the same name in others. */
function askedByTarget({ headers }: IncomingMessage): Asked | undefined {
  const [operation = '', target] = [headers['x-amz-target'] ?? ''].flat()[0]?.split('.').reverse() ?? [];
  const service = services.find(({ protocol }) => 'json' in protocol && protocol.target === target);
  return service === undefined || operation === '' ? undefined : { service, operation };
}

function askedByForm(body: string, claim: Claim | undefined): Asked | undefined {
  const form = new URLSearchParams(body);
  const operation = form.get('Action') ?? '';
  const ofQuery = services.filter(({ protocol }) => 'query' in protocol);
  const service =
    ofQuery.find(({ name }) => name === claim?.service) ??
    ofQuery.find(({ protocol }) => 'query' in protocol && protocol.query === form.get('Version'));
  return service === undefined || operation === '' ? undefined : { service, operation };
}
