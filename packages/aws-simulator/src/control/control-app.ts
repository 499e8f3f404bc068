import { createHttpApp } from '@orgtrail/service-runtime';
import { json, type Express, type Request, type Response } from 'express';
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
  app.use(json({ strict: false, limit: '1mb' }));
  app.get('/', (_request, response) => {
    response.type('text/plain').send(routes.map(({ method, path, what }) => `${method} ${path}  ${what}\n`).join(''));
  });
  for (const route of routes) {
    app[route.method.toLowerCase() as 'get' | 'post' | 'delete'](route.path, (request, response) =>
      answer(route, request, response),
    );
  }
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
    response.status(400).type('text/plain').send(`${refusal}\n`);
  }
}

/** What was wrong with the request; `undefined`: it is a defect of the simulator. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof z.ZodError) return z.prettifyError(error);
  if (error instanceof AwsError) return `${error.code}: ${error.message}`;
  return error instanceof RangeError ? error.message : undefined;
}
