import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import type { Logger } from '../logger.js';
import { isLoopbackAddress } from './loopback.js';
import { Problem, sendProblem } from './problem.js';
import type { ApiPart } from './route.js';
import { findUser, type ApiToken, type ApiUser, type Role } from './tokens.js';

export interface ApiOptions {
  parts: readonly ApiPart[];
  tokens: readonly ApiToken[];
  logger: Logger;
}

const longestBody = '64kb';

/**
 * The administration API under `/v1`. With tokens every route asks for one of its role. Without any, only callers on this machine are
 * answered, and only when they address it as such: a page in a browser cannot reach it under another name.
 */
export function createApi({ parts, tokens, logger }: ApiOptions): Router {
  const router = Router();
  for (const { method, path, role, action, handle, note, problemOf } of parts.flatMap((part) =>
    part.routes.map((route) => ({ ...part, ...route })),
  )) {
    router[method](
      path,
      authorize(tokens, role),
      express.json({ limit: longestBody, type: isJson }),
      async (request: Request, response) => {
        if (method !== 'get' && hasBody(request) && !isJson(request)) {
          throw new Problem(415, 'Send the body as application/json.');
        }
        const user = userOf(request);
        const answer = await handle({
          user,
          param: (name) => textOf(request.params[name]),
          query: request.query,
          body: request.body as unknown,
        }).catch((error: unknown) => {
          throw problemOf?.(error) ?? error;
        });
        if (role === 'admin') {
          await note?.({ who: user.name, action, about: answer.about ?? {} });
          logger.info({ who: user.name, action, path: request.path }, 'An administrator acted');
        }
        if (answer.body === undefined) response.status(answer.status).end();
        else response.status(answer.status).json(answer.body);
      },
    );
  }
  router.use('/v1', (request) => {
    throw new Problem(
      404,
      `There is no ${request.method} ${request.originalUrl.split('?')[0] ?? ''} here: docs/api.md lists the routes.`,
    );
  });
  // Express knows an error handler by its four parameters.
  const onError: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    sendProblem(
      response,
      problemOf(error, () => logger.error({ err: error, path: request.path }, 'A request of the API failed')),
    );
  };
  router.use('/v1', onError);
  return router;
}

const users = new WeakMap<Request, ApiUser>();

function userOf(request: Request): ApiUser {
  const user = users.get(request);
  if (!user) throw new Problem(401, 'Nobody was recognised.');
  return user;
}

function authorize(tokens: readonly ApiToken[], role: Role): RequestHandler {
  return (request, response, next) => {
    if (tokens.length === 0) {
      if (!isLoopbackAddress(request.socket.remoteAddress) || !isLoopbackHost(request.headers.host)) {
        throw new Problem(
          403,
          'No API token is configured, so only this machine is answered. Set API_TOKENS (or API_TOKENS_FILE) to allow others.',
          {
            code: 'LOOPBACK_ONLY',
          },
        );
      }
      // Pages in a browser on this machine could send requests, too.
      if (isFromAPage(request)) {
        throw new Problem(403, 'Without an API token, pages of other sites are not answered.', { code: 'CROSS_SITE' });
      }
      users.set(request, { name: 'local', role: 'admin' });
      next();
      return;
    }
    const given = /^Bearer (\S{1,1024})$/i.exec(request.headers.authorization ?? '')?.[1];
    const user = given === undefined ? undefined : findUser(tokens, given);
    if (!user) {
      response.set('www-authenticate', 'Bearer');
      throw new Problem(401, 'Send a valid API token: Authorization: Bearer …', { code: 'TOKEN_NEEDED' });
    }
    if (role === 'admin' && user.role !== 'admin') {
      throw new Problem(403, `The token of ${user.name} may read only; this needs role admin.`, { code: 'ADMIN_NEEDED' });
    }
    users.set(request, user);
    next();
  };
}

function isFromAPage({ headers }: Request): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)) return true;
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

function isLoopbackHost(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return name === 'localhost' || isLoopbackAddress(name);
}

function isJson(request: { headers: { 'content-type'?: string | undefined } }): boolean {
  return /^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '');
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function textOf(parameter: string | string[] | undefined): string {
  return typeof parameter === 'string' ? parameter : '';
}

function problemOf(error: unknown, onUnexpected: () => void): Problem {
  if (error instanceof Problem) return error;
  const { status, type } = (error ?? {}) as { status?: unknown; type?: unknown };
  if (type === 'entity.too.large') return new Problem(413, `The body is larger than ${longestBody}.`);
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Problem(400, type === 'entity.parse.failed' ? 'The body is not valid JSON.' : 'The request cannot be understood.');
  }
  onUnexpected();
  return new Problem(500, 'Something went wrong here. The log says more.');
}
