import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError, tooManyRequests } from './errors.js';
import { htmlAnswer, jsonError, queryError, type Answer } from './protocols.js';
import { bodyOf, claimOf } from './request.js';
import { answer, delayOf, type Services, type WireCall } from './services.js';

export interface WireServer {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  /** Calls by operation since the start, or since `resetCalls`. */
  calls(): Record<string, number>;
  resetCalls(): void;
  /** Ends open connections, long polls included. */
  close(): Promise<void>;
}

const targets: Readonly<Record<string, WireCall['service']>> = {
  AWSOrganizationsV20161128: 'organizations',
  AmazonSQS: 'sqs',
  ResourceGroupsTaggingAPI_20170126: 'tagging',
};

/** One port for all four services: the header `x-amz-target`, or the form of the query protocol, tells them apart. */
export async function listen(host: string, port: number, makeServices: (endpoint: string) => Services): Promise<WireServer> {
  const calls = new Map<string, number>();
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const endpoint = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  const services = makeServices(endpoint);
  server.on('request', (request, response) => {
    respond(services, request, response, (operation) => calls.set(operation, (calls.get(operation) ?? 0) + 1)).catch(
      (error: unknown) => {
        // Whoever hung up in the middle of a request needs no answer; everything else is a defect of the simulator, shown as such.
        if (response.headersSent || request.destroyed) response.destroy();
        else
          send(response, {
            status: 500,
            headers: { 'content-type': 'text/plain' },
            body: `The simulator failed: ${String(error)}\n`,
          });
      },
    );
  });
  return {
    endpoint,
    calls: () => Object.fromEntries([...calls].sort(([left], [right]) => (left < right ? -1 : 1))),
    resetCalls: () => calls.clear(),
    close: () => close(server),
  };
}

async function respond(
  services: Services,
  request: IncomingMessage,
  response: ServerResponse,
  count: (operation: string) => void,
): Promise<void> {
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  const call = callOn(request, await bodyOf(request), hungUp.signal);
  if (call === undefined) {
    send(response, {
      status: 404,
      headers: { 'content-type': 'text/plain' },
      body: 'This is a simulated AWS: it answers to AWS SDKs only.\n',
    });
    return;
  }
  count(call.operation);
  const delayMs = delayOf(services, call);
  // Nobody waits for the answer any more, but what was asked for is done, as with AWS.
  if (delayMs > 0) await sleep(delayMs, undefined, { signal: hungUp.signal }).catch(() => undefined);
  send(response, brokenAnswer(services, call) ?? (await answer(services, call)));
}

function callOn(request: IncomingMessage, body: string, signal: AbortSignal): WireCall | undefined {
  const header = request.headers['x-amz-target'];
  const [prefix = '', target] = (typeof header === 'string' ? header : '').split('.');
  const service = targets[prefix] ?? 'sts';
  const operation = target ?? new URLSearchParams(body).get('Action');
  if (request.method !== 'POST' || operation === null || operation === '' || (target !== undefined && !(prefix in targets)))
    return undefined;
  return {
    service,
    operation,
    body,
    claim: claimOf(request),
    sourceIpAddress: request.socket.remoteAddress ?? '127.0.0.1',
    userAgent: request.headers['user-agent'] ?? 'unknown',
    requestId: randomUUID(),
    signal,
  };
}

const serverError = (service: WireCall['service']): AwsError =>
  new AwsError(service === 'organizations' ? 'ServiceException' : 'InternalFailure', 'An internal error has occurred.', {
    status: 500,
  });

const slowDown: Readonly<Record<WireCall['service'], AwsError>> = {
  organizations: tooManyRequests(),
  sts: new AwsError('Throttling', 'Rate exceeded'),
  sqs: new AwsError('RequestThrottled', 'Rate exceeded', { status: 403 }),
  tagging: new AwsError('ThrottledException', 'Rate exceeded'),
};

/** The answer of an operation that is set to fail. */
function brokenAnswer({ world }: Services, { service, operation, requestId }: WireCall): Answer | undefined {
  const { failing } = world.behaviours();
  const failure = Object.hasOwn(failing, operation) ? failing[operation] : undefined;
  if (failure === undefined) return undefined;
  if (failure === 'html') return htmlAnswer(500);
  const error = failure === 'throttled' ? slowDown[service] : serverError(service);
  return service === 'sts' ? queryError(error, requestId) : jsonError(error, service === 'sqs' ? '1.0' : '1.1', requestId);
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
