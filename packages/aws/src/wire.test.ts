import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connectToAws } from './connection.js';
import { AwsError } from './errors.js';
import type { AwsConnection } from './reads.js';

let server: Server | undefined;
let connection: AwsConnection | undefined;
afterEach(async () => {
  connection?.destroy();
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
});

type Answer = { status?: number; type?: string; body: unknown };

/** A server that answers one operation after the other from a script; the last answer is repeated. */
async function answering(
  answers: readonly Answer[],
): Promise<{ reader: ReturnType<AwsConnection['reader']>; requests: unknown[] }> {
  const requests: unknown[] = [];
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status = 200, type = 'application/x-amz-json-1.1', body } = answers[Math.min(requests.length, answers.length - 1)]!;
      requests.push(JSON.parse(Buffer.concat(chunks).toString() || '{}'));
      response.writeHead(status, { 'content-type': type });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  connection = connectToAws({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    rateShare: 1000,
  });
  return { reader: connection.reader('sync'), requests };
}
const account = (id: string) => ({ Id: id, Arn: `arn:aws:organizations::111122223333:account/o-exampleorgid/${id}`, Name: id });
const ids = async (pages: AsyncIterable<{ id: string }[]>) => {
  const found: string[] = [];
  for await (const page of pages) found.push(...page.map(({ id }) => id));
  return found;
};
const failure = (work: Promise<unknown>): Promise<AwsError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as AwsError,
  );

describe('an account that lacks what identifies it', () => {
  const { Arn: _, ...nameless } = account('000000000002');
  const page = { body: { Accounts: [account('000000000001'), nameless, account('000000000003')] } };

  it('is left out and told where somebody wants to know, and its neighbours are read', async () => {
    const { reader } = await answering([page]);
    const told: string[] = [];
    expect(await ids(reader.listAccounts(({ message }) => told.push(message)))).toEqual(['000000000001', '000000000003']);
    expect(told).toEqual(['ListAccounts: the answer lacks Arn.']);
  });

  it('fails the list where nobody does', async () => {
    const { reader } = await answering([page]);
    expect(await failure(ids(reader.listAccounts()))).toMatchObject({ kind: 'malformed' });
  });
});

describe('reading over the wire', () => {
  it('goes on after an empty page with a token, and stops only without one', async () => {
    const { reader, requests } = await answering([
      { body: { Accounts: [account('000000000001')], NextToken: 'a' } },
      { body: { Accounts: [], NextToken: 'b' } },
      { body: { Accounts: [account('000000000002')] } },
    ]);
    expect(await ids(reader.listAccounts())).toEqual(['000000000001', '000000000002']);
    expect(requests).toHaveLength(3);
  });

  it('refuses a token that comes again instead of walking in circles', async () => {
    const { reader } = await answering([{ body: { Accounts: [account('000000000001')], NextToken: 'same' } }]);
    expect(await failure(ids(reader.listAccounts()))).toMatchObject({ kind: 'malformed' });
  });

  it('reads the list again when AWS forgot the page token', async () => {
    const { reader } = await answering([
      { body: { Parents: [{ Id: 'ou-ab12-11111111', Type: 'ORGANIZATIONAL_UNIT' }], NextToken: 'a' } },
      { status: 400, body: { __type: 'InvalidInputException', Reason: 'INVALID_NEXT_TOKEN', Message: 'expired' } },
      { body: { Parents: [{ Id: 'r-ab12', Type: 'ROOT' }] } },
    ]);
    expect(await reader.listParents('000000000001')).toEqual([{ id: 'r-ab12', type: 'ROOT' }]);
  });

  it('waits and asks again when AWS asks to slow down, and counts each attempt', async () => {
    const { reader } = await answering([
      { status: 400, body: { __type: 'TooManyRequestsException', Type: 'RATE_LIMIT', Message: 'slow down' } },
      { body: { Account: account('000000000001') } },
    ]);
    expect((await reader.describeAccount('000000000001')).id).toBe('000000000001');
    expect(connection?.calls()).toEqual({ DescribeAccount: 2 });
  });

  it.each([
    ['AccountNotFoundException', 400, 'not-found'],
    ['AccessDeniedException', 400, 'denied'],
    ['AWSOrganizationsNotInUseException', 400, 'not-in-organization'],
    ['UnrecognizedClientException', 400, 'credentials'],
    ['ExpiredTokenException', 400, 'credentials'],
    ['ConstraintViolationException', 400, 'invalid'],
    ['ResourceNotFoundException', 400, 'not-found'],
    ['TrailNotFoundException', 400, 'not-found'],
    ['QueueDoesNotExist', 400, 'not-found'],
  ])('knows %s (HTTP %i) as %s, and does not try it again', async (code, status, kind) => {
    const { reader, requests } = await answering([{ status, body: { __type: code, Message: 'said AWS' } }]);
    expect(await failure(reader.describeAccount('000000000001'))).toMatchObject({ kind, retriable: false });
    expect(requests).toHaveLength(1);
  });

  it('asks again where somebody else was at it', async () => {
    const { reader, requests } = await answering([
      { status: 400, body: { __type: 'ConcurrentModificationException', Message: 'said AWS' } },
      { body: { Account: account('000000000001') } },
    ]);
    expect((await reader.describeAccount('000000000001')).id).toBe('000000000001');
    expect(requests).toHaveLength(2);
  });

  it('takes an HTML page with HTTP 500 for an answer that is not of the AWS API', async () => {
    const { reader, requests } = await answering([
      { status: 500, type: 'text/html', body: '<html><body>Internal Server Error</body></html>' },
    ]);
    const error = await failure(reader.listHandshakes());
    expect(error).toBeInstanceOf(AwsError);
    expect(error.kind).toBe('malformed');
    expect(requests).toHaveLength(1);
  });

  it('takes an HTML page with HTTP 200 for the same', async () => {
    const { reader } = await answering([{ type: 'text/html', body: '<html>hotel login</html>' }]);
    expect(await failure(reader.listRoots())).toMatchObject({ kind: 'malformed' });
  });

  it('refuses an answer that lacks what identifies a thing', async () => {
    const { reader } = await answering([{ body: { Account: { Name: 'nameless' } } }]);
    expect(await failure(reader.describeAccount('000000000001'))).toMatchObject({ kind: 'malformed' });
  });

  it('names an address that does not answer as unreachable, after a bounded number of tries', async () => {
    connection = connectToAws({
      endpoint: 'http://127.0.0.1:9',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      rateShare: 1000,
    });
    expect(await failure(connection.reader('sync').listRoots())).toMatchObject({ kind: 'unreachable', retriable: true });
  }, 60_000);

  it('never takes more than half of the published rates from a real endpoint', () => {
    expect(() => connectToAws({ rateShare: 0.6 })).toThrow('at most 0.5');
    expect(() => connectToAws({ rateShare: 0.6, endpoint: 'https://organizations.us-east-1.amazonaws.com' })).toThrow(RangeError);
  });
});
