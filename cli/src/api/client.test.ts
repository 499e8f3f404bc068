import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exitCodes } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { createApiClient } from './client.js';

const token = 'a'.repeat(40);
let server: Server;
let url: string;
let answer: (request: IncomingMessage & { text: string }, response: ServerResponse) => void;

beforeEach(async () => {
  for (const name of ['ORGTRAIL_URL', 'ORGTRAIL_TOKEN', 'ORGTRAIL_TOKEN_FILE']) process.env[name] = '';
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => answer(Object.assign(request, { text }), response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const json = (status: number, body: unknown) => (_request: unknown, response: ServerResponse) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
const problemAnswer = (status: number, more: object) => json(status, { type: 'about:blank', title: 'Refused', status, ...more });

async function refusalOf(promise: Promise<unknown>): Promise<{ message: string; exitCode: number }> {
  const error = await promise.then(
    () => new Error('It was accepted.'),
    (refused: unknown) => refused as Error,
  );
  return { message: error.message, exitCode: (error as Error & { exitCode: number }).exitCode };
}
const get = (client = createApiClient({ url })) => client.send('GET', '/v1/integrations', z.looseObject({}));

describe('a request', () => {
  it('carries the token and the body as JSON, and gives the parsed answer', async () => {
    process.env['ORGTRAIL_TOKEN'] = token;
    const seen: unknown[] = [];
    answer = (request, response) => {
      seen.push([request.method, request.url, request.headers.authorization, request.headers['content-type'], request.text]);
      json(201, { id: 'one' })(request, response);
    };
    const made = await createApiClient({ url }).send('POST', '/v1/integrations', z.object({ id: z.string() }), { name: 'Ünï' });
    expect(made).toEqual({ id: 'one' });
    expect(seen).toEqual([['POST', '/v1/integrations', `Bearer ${token}`, 'application/json', '{"name":"Ünï"}']]);
  });

  it('without a token and without a body says nothing of either; an answer without content is one', async () => {
    const seen: unknown[] = [];
    answer = (request, response) => {
      seen.push([request.headers.authorization, request.headers['content-type'], request.text]);
      response.writeHead(204).end();
    };
    await expect(createApiClient({ url }).send('DELETE', '/v1/integrations/x', z.undefined())).resolves.toBeUndefined();
    expect(seen).toEqual([[undefined, undefined, '']]);
  });
});

describe('a refusal', () => {
  it.each([
    [400, exitCodes.usage],
    [401, exitCodes.config],
    [403, exitCodes.config],
    [404, exitCodes.failure],
    [409, exitCodes.failure],
    [422, exitCodes.failure],
    [500, exitCodes.failure],
  ])('with HTTP %i ends with %i and its detail', async (status, exitCode) => {
    answer = problemAnswer(status, { detail: 'Because of that.' });
    const refused = await refusalOf(get());
    expect(refused.exitCode).toBe(exitCode);
    expect(refused.message).toMatch(/^Because of that\./);
  });

  it('names each problem on a line of its own, with its example', async () => {
    answer = problemAnswer(400, {
      detail: 'all of it',
      problems: [
        { field: 'syncInterval', problem: 'one of 30m, 1h', example: '4h' },
        { field: 'negativeCheckDays', problem: 'a whole number', example: 30 },
        { field: 'name', problem: 'a name is needed' },
      ],
    });
    expect((await refusalOf(get())).message.split('\n')).toEqual([
      'Not accepted:',
      '  syncInterval: one of 30m, 1h (for example 4h)',
      '  negativeCheckDays: a whole number (for example 30)',
      '  name: a name is needed',
    ]);
  });

  it('says how to give a token when one is missing, and never repeats the one that was sent', async () => {
    process.env['ORGTRAIL_TOKEN'] = token;
    answer = problemAnswer(401, { detail: 'Send a valid API token.' });
    const { message } = await refusalOf(get());
    expect(message).toContain('ORGTRAIL_TOKEN_FILE');
    expect(message).not.toContain(token);
  });

  it('cannot move the cursor', async () => {
    answer = problemAnswer(404, { detail: 'There is no "\u001b[2J\u202e".' });
    expect((await refusalOf(get())).message).toBe('There is no "\\u001b[2J\\u202e".');
  });

  it.each([
    ['a page', 502, '<html>', 'answered HTTP 502'],
    ['a page that is well', 200, '<html>', 'something else listens there'],
    ['another shape', 200, '[]', 'something else than this version'],
  ])('%s is told as what it is', async (_what, status, text, said) => {
    answer = (_request, response) => response.writeHead(status).end(text);
    expect(await refusalOf(get())).toEqual({ exitCode: exitCodes.failure, message: expect.stringContaining(said) as unknown });
  });
});

describe('an API that is not there', () => {
  it('refuses the connection: 69, and the question whether orgtrail up is running', async () => {
    await new Promise((resolve) => server.close(resolve));
    const refused = await refusalOf(get());
    expect(refused.exitCode).toBe(exitCodes.unavailable);
    expect(refused.message).toContain('(ECONNREFUSED). Is `orgtrail up`');
  });

  it.each([
    ['before its first line', () => undefined],
    [
      'in the middle of its body',
      (_request: unknown, response: ServerResponse) => response.writeHead(200).write('{"integrations":['),
    ],
  ] as const)('falls silent %s: 69 after the time that is allowed', async (_when, silence) => {
    answer = silence;
    const refused = await refusalOf(get(createApiClient({ url }, { timeoutMs: 200 })));
    expect(refused).toEqual({ exitCode: exitCodes.unavailable, message: `${url} did not answer within 0.2 s.` });
  });

  it('hangs up in the middle: 69', async () => {
    answer = (_request, response) => {
      response.writeHead(200).write('{"integrations":[', () => response.destroy());
    };
    expect((await refusalOf(get())).exitCode).toBe(exitCodes.unavailable);
  });

  it('sends elsewhere: the token does not follow', async () => {
    process.env['ORGTRAIL_TOKEN'] = token;
    const paths: unknown[] = [];
    answer = (request, response) => {
      paths.push(request.url);
      response.writeHead(307, { location: `${url}/elsewhere` }).end();
    };
    expect((await refusalOf(get())).exitCode).toBe(exitCodes.unavailable);
    expect(paths).toEqual(['/v1/integrations']);
  });
});

describe('the integration that is meant', () => {
  const stored = (id: string, name: string, organizationId?: string) => ({
    id,
    name,
    description: '',
    state: 'active',
    condition: { code: 'CONNECTED', message: '', since: '2026-01-01T00:00:00.000Z' },
    ...(organizationId === undefined ? {} : { organizationId }),
    roleArn: null,
    configureOrganizationAccounts: true,
    syncInterval: '1h',
  });
  const find = (reference?: string) => createApiClient({ url }).integration(reference);

  it('is the only one, when none is named', async () => {
    answer = json(200, { integrations: [stored('id-1', 'Production', 'o-one')] });
    expect((await find()).id).toBe('id-1');
  });

  it('is named by id, organization id or name among several; else they are listed', async () => {
    answer = json(200, { integrations: [stored('id-1', 'Production', 'o-one'), stored('id-2', '', 'o-two')] });
    expect((await find('id-2')).id).toBe('id-2');
    expect((await find('o-one')).id).toBe('id-1');
    expect((await find('Production')).id).toBe('id-1');
    const refused = await refusalOf(find());
    expect(refused.exitCode).toBe(exitCodes.usage);
    expect(refused.message.split('\n')).toEqual([
      'Say which integration:',
      '  id-1  Production  o-one',
      '  id-2  (no name)  o-two',
    ]);
    expect((await refusalOf(find('production'))).message).toContain('There is no integration "production"');
  });

  it('is not the one without a name when the reference is empty', async () => {
    answer = json(200, { integrations: [stored('id-2', '')] });
    expect((await refusalOf(find(''))).exitCode).toBe(exitCodes.usage);
  });

  it('has to be made first, when there is none', async () => {
    answer = json(200, { integrations: [] });
    expect((await refusalOf(find())).message).toContain('orgtrail integration create');
  });
});
