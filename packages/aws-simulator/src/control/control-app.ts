import { createHttpApp } from '@orgtrail/service-runtime';
import { json, type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import { z } from 'zod';
import type { Simulator } from '../simulator.js';
import { AwsError } from '../wire/errors.js';
import { controlRoutes, type ControlRoute } from './routes.js';

/**
 * Where the simulator is a process of its own, whoever tests reads the truth and lets things happen by this. `GET /` lists what there is. It asks nobody who
 * they are: for loopback only.
 */
export function createControlApp(simulator: Simulator): Express {
  const app = createHttpApp();
  const routes = controlRoutes(simulator);
  // Whatever the body says it is: there is nothing else that it could be. An empty one is none.
  app.use(json({ strict: false, limit: '1mb', type: ({ headers }) => headers['content-length'] !== '0' }));
  app.get('/', (_request, response) => {
    response.type('text/plain').send(routes.map(({ method, path, what }) => `${method} ${path}  ${what}\n`).join(''));
  });
  for (const route of routes) {
    app[route.method.toLowerCase() as 'get' | 'post' | 'delete'](route.path, (request, response) =>
      answer(route, request, response),
    );
  }
  app.use((_request, response) => sendText(response, 404, 'There is no such route: GET / lists what there is.'));
  app.use(refuse);
  return app;
}

async function answer(route: ControlRoute, request: Request, response: Response): Promise<void> {
  try {
    const { name = '' } = request.params;
    const said = await route.run({ query: request.query, body: request.body as unknown, name: [name].flat()[0] ?? '' });
    if (said === undefined) response.status(204).end();
    else response.json(said);
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === undefined) throw error;
    sendText(response, 400, refusal);
  }
}

/** A body that is no JSON or too large (express says which status), or a defect of the simulator. Express knows it by its four parameters. */
const refuse: ErrorRequestHandler = (error: Error & { status?: number }, _request, response, _next) => {
  const { status = 500, message } = error;
  sendText(response, status, status < 500 ? `The body cannot be read as JSON: ${message}` : `The simulator failed: ${message}`);
};

function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(`${text}\n`);
}

/** What was wrong with the request; `undefined`: it is a defect of the simulator. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  if (error instanceof AwsError) return `${error.code}: ${error.message}`;
  return error instanceof RangeError ? error.message : undefined;
}
