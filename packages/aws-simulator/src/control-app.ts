import { createHttpApp } from '@orgtrail/service-runtime';
import { json, type Express } from 'express';
import { z } from 'zod';
import { someBehaviours } from './some-behaviours.js';
import { randomWrite, type RandomWrite } from './life/random-write.js';
import type { SimulatorSnapshot } from './model/snapshot.js';
import { createRandom } from './random.js';
import type { Simulator } from './simulator.js';

/** What `GET /organization` answers: the truth, at this moment. */
export interface SimulatedTruth {
  snapshot: SimulatorSnapshot;
  calls: Record<string, number>;
}

const someWrites = z.object({ count: z.coerce.number().int().min(1).max(1000), seed: z.coerce.number().int() });
const someTags = z.object({ resource: z.string(), key: z.string(), value: z.string() });

/**
 * Where the simulator is a process of its own, a test reads the truth and lets things happen by this: `GET /organization`,
 * `POST /writes?count=…&seed=…`, `POST /tags?resource=…&key=…&value=…` and `POST /behaviours` (JSON). It asks nobody who they are: for loopback only.
 */
export function createControlApp(simulator: Simulator): Express {
  const app = createHttpApp();
  app.get('/organization', (_request, response) => {
    response.json({ snapshot: simulator.snapshot(), calls: simulator.calls } satisfies SimulatedTruth);
  });
  app.post('/writes', (request, response) => {
    const { success, data, error } = someWrites.safeParse(request.query);
    if (!success) {
      response.status(400).type('text/plain').send(z.prettifyError(error));
      return;
    }
    const random = createRandom(data.seed);
    response.json(Array.from({ length: data.count }, () => randomWrite(simulator, random)) satisfies RandomWrite[]);
  });
  app.post('/tags', (request, response) => {
    const { success, data, error } = someTags.safeParse(request.query);
    if (!success) {
      response.status(400).type('text/plain').send(z.prettifyError(error));
      return;
    }
    simulator.actions.tagResource({ resourceId: data.resource, tags: { [data.key]: data.value } });
    response.status(204).end();
  });
  app.post('/behaviours', json(), (request, response) => {
    const { success, data, error } = someBehaviours.safeParse(request.body);
    if (!success) {
      response.status(400).type('text/plain').send(z.prettifyError(error));
      return;
    }
    simulator.setBehaviour(data);
    response.status(204).end();
  });
  return app;
}
