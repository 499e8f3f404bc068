import { z } from 'zod';
import { someBehaviours } from '../some-behaviours.js';
import { startLife, type Life } from '../life/life.js';
import { randomWrite, type RandomWrite } from '../life/random-write.js';
import type { SimulatorSnapshot } from '../model/snapshot.js';
import { createRandom } from '../random.js';
import type { Simulator } from '../simulator.js';
import { carryOutAction } from './actions.js';

/** What `GET /organization` answers: the truth, at this moment. */
export interface SimulatedTruth {
  snapshot: SimulatorSnapshot;
  calls: Record<string, number>;
}

interface Asked {
  query: unknown;
  /** JSON, or `undefined`. */
  body: unknown;
  /** The last segment of the path, where it is a name. */
  name: string;
}

/** One thing that can be asked for from outside. Answers with JSON, or with nothing. Throws a ZodError for what it cannot read. */
export interface ControlRoute {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** For people, in one line. */
  what: string;
  run(asked: Asked): unknown;
}

const wholeNumber = z.coerce.number('a whole number is needed').int();
const milliseconds = wholeNumber.min(1);
const someWrites = z.object({ count: wholeNumber.min(1).max(1000), seed: wholeNumber });
const someTags = z.object({ resource: z.string(), key: z.string(), value: z.string() });
const someTime = z.object({ ms: milliseconds });
const someLife = z.object({ everyMs: milliseconds, seed: wholeNumber.default(1) });
const someEvents = z.object({ after: wholeNumber.min(0).default(0) });
const someMessage = z.object({ body: z.string() });

export function controlRoutes(simulator: Simulator): readonly ControlRoute[] {
  let life: Life | undefined;
  const calls = (): Record<string, number> => ({ ...simulator.calls });
  return [
    {
      method: 'GET',
      path: '/organization',
      what: 'the truth: the whole organization as a snapshot, and the calls so far',
      run: () => ({ snapshot: simulator.snapshot(), calls: calls() }) satisfies SimulatedTruth,
    },
    {
      method: 'GET',
      path: '/behaviours',
      what: 'all behaviours as they are set (a token lifetime without end is null)',
      run: () => simulator.behaviours,
    },
    {
      method: 'POST',
      path: '/behaviours',
      what: 'changes behaviours: JSON with those that change',
      run: ({ body }) => simulator.setBehaviour(someBehaviours.parse(body)),
    },
    {
      method: 'POST',
      path: '/actions/:name',
      what: 'one write, with its input as JSON: `moveAccount`, `suspend`, `putRole`, …',
      run: ({ name, body }) => carryOutAction(simulator, name, body) ?? {},
    },
    {
      method: 'POST',
      path: '/writes',
      what: '`?count=…&seed=…`: random writes of any kind; answers what they were',
      run: ({ query }) => {
        const { count, seed } = someWrites.parse(query);
        const random = createRandom(seed);
        return Array.from({ length: count }, () => randomWrite(simulator, random)) satisfies RandomWrite[];
      },
    },
    {
      method: 'POST',
      path: '/tags',
      what: '`?resource=…&key=…&value=…`: tags an account, OU or root',
      run: ({ query }) => {
        const { resource, key, value } = someTags.parse(query);
        simulator.actions.tagResource({ resourceId: resource, tags: { [key]: value } });
      },
    },
    {
      method: 'POST',
      path: '/life',
      what: '`?everyMs=…&seed=…`: something happens by itself every so often',
      run: async ({ query }) => {
        const wanted = someLife.parse(query);
        await life?.stop();
        life = startLife(simulator, wanted);
      },
    },
    {
      method: 'DELETE',
      path: '/life',
      what: 'nothing happens by itself any more',
      run: async () => {
        await life?.stop();
        life = undefined;
      },
    },
    {
      method: 'POST',
      path: '/advance',
      what: '`?ms=…`: lets so much simulated time go by at once; answers what the time is then',
      run: ({ query }) => {
        simulator.advance(someTime.parse(query).ms);
        return { now: new Date(simulator.now()).toISOString() };
      },
    },
    {
      method: 'POST',
      path: '/settle',
      what: 'answers when no delayed event, creation or closing is outstanding',
      run: () => simulator.settled(),
    },
    {
      method: 'GET',
      path: '/events',
      what: '`?after=…`: the events so far with what became of them, from that number on (the last 50,000 are kept)',
      run: ({ query }) => {
        const { emitted, count } = simulator.events;
        const { after } = someEvents.parse(query);
        return { next: count, events: emitted.slice(Math.max(0, emitted.length - Math.max(0, count - after))) };
      },
    },
    { method: 'GET', path: '/calls', what: 'calls by operation, refused ones included', run: calls },
    { method: 'DELETE', path: '/calls', what: 'begins to count anew', run: () => simulator.resetCalls() },
    {
      method: 'GET',
      path: '/queue',
      what: 'of `orgtrail-events`: its address, and how many messages wait, are in flight, are delayed, were ever sent',
      run: () => ({ url: simulator.queueUrl, ...simulator.queue.depth, sent: simulator.queue.sent }),
    },
    {
      method: 'POST',
      path: '/queue/messages',
      what: 'puts any text on it: JSON `{"body": "…"}`',
      run: ({ body }) => ({ messageId: simulator.queue.send(someMessage.parse(body).body) }),
    },
    { method: 'DELETE', path: '/queue/messages', what: 'empties it', run: () => simulator.queue.purge() },
    { method: 'GET', path: '/assumptions', what: 'the newest calls of AssumeRole', run: () => simulator.roleAssumptions },
  ];
}
