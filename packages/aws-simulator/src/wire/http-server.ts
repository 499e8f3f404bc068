import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { awsClock } from '../behaviours.js';
import type { SimulatedAws } from '../simulated-aws.js';
import { answer, delayOf } from './answer.js';
import { callOn, namesOf } from './call.js';
import type { Answer } from './protocols.js';
import { bodyOf } from './request.js';

export interface WireServer {
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  /** Calls by operation (with its service, where an earlier one has the same name) since the start, or since `resetCalls`. */
  calls(): Record<string, number>;
  resetCalls(): void;
  /** Ends open connections, long polls included. */
  close(): Promise<void>;
}

/** One port for all services. */
export async function listen(host: string, port: number, makeAws: (endpoint: string) => SimulatedAws): Promise<WireServer> {
  const calls = new Map<string, number>();
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const endpoint = `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  const aws = makeAws(endpoint);
  server.on('request', (request, response) => {
    respond(aws, request, response, (operation) => calls.set(operation, (calls.get(operation) ?? 0) + 1)).catch(
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
  aws: SimulatedAws,
  request: IncomingMessage,
  response: ServerResponse,
  count: (operation: string) => void,
): Promise<void> {
  const hungUp = new AbortController();
  response.once('close', () => hungUp.abort());
  response.setHeader('date', new Date(awsClock(aws.world.behaviours())).toUTCString());
  const call = callOn(request, await bodyOf(request), hungUp.signal);
  if (call === undefined) {
    send(response, {
      status: 404,
      headers: { 'content-type': 'text/plain' },
      body: 'This is a simulated AWS: it answers to AWS SDKs only.\n',
    });
    return;
  }
  count(namesOf(call)[0] ?? call.operation);
  const delayMs = delayOf(aws, call);
  // Nobody waits for the answer any more, but what was asked for is done, as with AWS.
  if (delayMs > 0) await sleep(delayMs, undefined, { signal: hungUp.signal }).catch(() => undefined);
  send(response, await answer(aws, call));
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
