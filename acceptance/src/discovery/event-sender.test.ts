import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import type { SenderOrders, SenderResult } from './event-sender.js';

const loader = new URL('../../../scripts/jest/typescript-sources.js', import.meta.url).href;
const answerMs = 100;

it('measures from when a post was due, however long it waits for a connection', async () => {
  const server = createServer((request, response) => {
    request.resume().on('end', () => setTimeout(() => response.writeHead(202, { 'content-length': 2 }).end('{}'), answerMs));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const orders: SenderOrders = {
    port: (server.address() as AddressInfo).port,
    path: '/v1/events/it',
    header: 'x-secret',
    secret: 'secret',
    managementAccountId: '111122223333',
    accountIds: ['444455556666'],
    perSecond: 30,
    seconds: 1,
    connections: 1,
    bodyBytes: 1024,
  };
  const child = spawn(process.execPath, ['--import', loader, fileURLToPath(new URL('event-sender.ts', import.meta.url))], {
    env: { PATH: process.env['PATH'], ORGTRAIL_SENDER: JSON.stringify(orders) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await new Promise((resolve) => child.once('close', resolve));
  server.close();
  const { answers, milliseconds, latestMs } = JSON.parse(output) as SenderResult;
  expect(answers).toEqual({ 202: 30 });
  // One connection carries ten a second, so that the last of thirty comes two seconds late.
  const slowest = milliseconds.at(-1) ?? 0;
  expect(slowest).toBeGreaterThan(15 * answerMs);
  expect(slowest).toBeGreaterThanOrEqual(latestMs);
}, 60_000);
