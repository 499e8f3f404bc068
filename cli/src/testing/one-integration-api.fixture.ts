import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OneIntegrationApi {
  url: string;
  /** As it is now. */
  integration: Record<string, unknown>;
  /** Bodies of PATCH, in their order. */
  changes: unknown[];
  /** What was posted, in its order. */
  posts: { path: string; body: unknown }[];
  close(): Promise<void>;
}

/** What the body is answered with; nothing: the API breaks. */
type Answering = (body: unknown) => object | undefined;

/** An API with one integration, which keeps what it is told; `answers` are further documents by the end of their path. */
export async function startOneIntegrationApi(
  settings: Record<string, unknown>,
  answers: Readonly<Record<string, Readonly<Record<string, unknown>> | Answering>> = {},
): Promise<OneIntegrationApi> {
  const integration: Record<string, unknown> = {
    id: '0b2f0e0e-1111-4222-8333-444455556666',
    name: 'Production',
    description: '',
    state: 'active',
    condition: { code: 'WAITING', message: '', since: '2026-01-01T00:00:00.000Z' },
    roleArn: null,
    queueUrl: null,
    configureOrganizationAccounts: true,
    syncInterval: '1h',
    ...settings,
  };
  const changes: unknown[] = [];
  const posts: OneIntegrationApi['posts'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const say = (document: object) => response.setHeader('content-type', 'application/json').end(JSON.stringify(document));
      const answer = Object.entries(answers).find(([path]) => request.url?.endsWith(path) === true)?.[1];
      const posted = JSON.parse(body || '{}') as unknown;
      if (request.method === 'POST') posts.push({ path: request.url ?? '', body: posted });
      if (request.method === 'DELETE') response.writeHead(204).end();
      else if (typeof answer === 'function') {
        const document = answer(posted);
        if (document) say(document);
        else response.writeHead(503).end();
      } else if (request.method === 'PATCH') {
        const change = JSON.parse(body) as Record<string, unknown>;
        changes.push(change);
        say(Object.assign(integration, change));
      } else say(answer ?? { integrations: [integration] });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    integration,
    changes,
    posts,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
