import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorRequestHandler, Express, RequestHandler, Response } from 'express';
import { closeServer } from './close-server.js';
import type { Check, Component, Phase } from './component.js';
import { createHttpApp } from './create-http-app.js';
import { DegradedError } from './errors.js';
import { listen } from './listen.js';
import type { MetricsHandler } from './metrics.js';
import { scrubText } from './scrub.js';

export interface AdminServerSettings {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** By name; run at each question. A function when components come and go. */
  checks: Record<string, Check> | (() => Record<string, Check>);
  metricsHandler: MetricsHandler;
  /** Further routes on the same address. They authorize their callers themselves. */
  routes?: RequestHandler | undefined;
  /** A check that has not answered by then counts as failed. Default 2 s. */
  checkTimeoutMs?: number;
  /** Named in the error when the port is taken. Default `ADMIN_PORT`. */
  variable?: string;
}

export type AdminServer = Component & {
  /** `http://host:port`, with the real port once started. */
  readonly url: string;
};

/**
 * `/livez` says that the process turns its event loop, and nothing about others. `/readyz` runs the checks: 200 `ok`, or 503 with
 * the names of those that fail (`?verbose` lists all, with reasons). What is degraded is named, and ready. `/metrics` is for Prometheus.
 *
 * Start it first and it stops last: it answers during the drain, with readiness false from the first moment of it.
 */
export function createAdminServer(settings: AdminServerSettings): AdminServer {
  let phase: Phase = 'running';
  let port = settings.port;
  const runChecks = (): Promise<CheckResult[]> => {
    const checks = typeof settings.checks === 'function' ? settings.checks() : settings.checks;
    const lifecycle: Check = () => {
      if (phase !== 'running') throw new Error(phase);
    };
    const bound = settings.checkTimeoutMs ?? 2_000;
    return Promise.all(Object.entries({ lifecycle, ...checks }).map(([name, check]) => runCheck(name, check, bound)));
  };
  const server = createServer(createApp(runChecks, settings));
  return {
    name: 'admin server',
    get url() {
      return `http://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${port}`;
    },
    start: async () => {
      port = await listen(server, { host: settings.host, port: settings.port, variable: settings.variable ?? 'ADMIN_PORT' });
    },
    stop: () => closeServer(server),
    enter: (entered) => {
      phase = entered;
    },
  };
}

interface CheckResult {
  name: string;
  outcome: 'ok' | 'degraded' | 'failed';
  /** Empty when it passed. */
  reason: string;
}

const marks = { ok: '+', degraded: '!', failed: '-' } as const;

async function runCheck(name: string, check: Check, boundMs: number): Promise<CheckResult> {
  const bound = new AbortController();
  try {
    const late = delay(boundMs, undefined, { signal: bound.signal }).then(() => {
      throw new Error(`no answer within ${boundMs} ms`);
    });
    const answer = (async () => check())();
    // Both are handled by the race; the one that loses must not become an unhandled rejection.
    late.catch(() => undefined);
    answer.catch(() => undefined);
    await Promise.race([answer, late]);
    return { name, outcome: 'ok', reason: '' };
  } catch (error) {
    const outcome = error instanceof DegradedError ? 'degraded' : 'failed';
    return { name, outcome, reason: scrubText(error instanceof Error ? error.message : String(error)) };
  } finally {
    bound.abort();
  }
}

function createApp(
  runChecks: () => Promise<CheckResult[]>,
  { metricsHandler, routes }: Pick<AdminServerSettings, 'metricsHandler' | 'routes'>,
): Express {
  const app = createHttpApp();
  app.get('/livez', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', async (request, response) => {
    const results = await runChecks();
    const lines = results.map(
      ({ name, outcome, reason }) => `[${marks[outcome]}] ${name} ${outcome}${reason === '' ? '' : `: ${reason}`}`,
    );
    const { isReady, summary } = summarize(results);
    response
      .status(isReady ? 200 : 503)
      .type('text/plain')
      .send(`${[...('verbose' in request.query ? lines : []), summary].join('\n')}\n`);
  });
  app.get('/metrics', (request, response) => metricsHandler(request, response));
  app.all(['/livez', '/readyz', '/metrics'], (request, response) => {
    response.set('allow', 'GET, HEAD');
    problem(response, { status: 405, title: 'Method Not Allowed', detail: `${request.method} is not for ${request.path}` });
  });
  if (routes) app.use(routes);
  app.use((request, response) => {
    problem(response, {
      status: 404,
      title: 'Not Found',
      detail: `There is no ${request.path} here: see /livez, /readyz, /metrics`,
    });
  });
  // Express knows an error handler by its four parameters.
  const onError: ErrorRequestHandler = (error: { status?: unknown }, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    // A malformed request is the client's fault, and Express says so by the status (a path that cannot be decoded: 400).
    const bad = typeof error.status === 'number' && error.status >= 400 && error.status < 500;
    problem(response, bad ? { status: 400, title: 'Bad Request' } : { status: 500, title: 'Internal Server Error' });
  };
  app.use(onError);
  return app;
}

function summarize(results: readonly CheckResult[]): { isReady: boolean; summary: string } {
  const namesOf = (asked: CheckResult['outcome']): string =>
    results.flatMap(({ name, outcome }) => (outcome === asked ? [name] : [])).join(', ');
  const [failed, degraded] = [namesOf('failed'), namesOf('degraded')];
  if (failed !== '') return { isReady: false, summary: `not ready: ${failed}` };
  return { isReady: true, summary: degraded === '' ? 'ok' : `ok, but degraded: ${degraded}` };
}

/** RFC 9457. */
function problem(response: Response, { status, title, detail }: { status: number; title: string; detail?: string }): void {
  response
    .status(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title, status, detail }));
}
