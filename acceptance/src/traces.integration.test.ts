import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '@orgtrail/aws-simulator';
import { createPostgresBus } from '@orgtrail/messaging';
import { createLogger, createTracing, type TracingEnvironment } from '@orgtrail/service-runtime';
import { createTestDatabase, testKafkaBrokers } from '@orgtrail/testkit';
import { startPipeline } from './pipeline.js';

interface Attribute {
  key: string;
  value: { stringValue?: string };
}
interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: Attribute[];
  links?: { traceId: string; spanId: string }[];
}
interface Export {
  resourceSpans: { resource: { attributes: Attribute[] }; scopeSpans: { spans: Span[] }[] }[];
}

let simulator: Simulator;
let collector: Server;
let exported: Export[];
let requests: { path: string | undefined; secret: unknown }[];

beforeEach(async () => {
  exported = [];
  requests = [];
  simulator = await startSimulator({ seed: 5, accounts: 10, organizationalUnits: 3 });
  collector = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      requests.push({ path: request.url, secret: request.headers['x-key'] });
      exported.push(JSON.parse(body) as Export);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  collector.close();
  await simulator.close();
});

const environment = (endpoint?: string): TracingEnvironment => ({
  ...(endpoint === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }),
  OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20secret',
  OTEL_TRACES_SAMPLER: 'parentbased_always_on',
  OTEL_TRACES_SAMPLER_ARG: 1,
});
const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const spans = (): Span[] =>
  exported.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));

/** Runs the services until one event is in the graph, and what was traced is sent. */
async function oneEvent(tracing: TracingEnvironment, kafkaBrokers?: string[]): Promise<void> {
  const component = createTracing({
    service: 'acceptance',
    environment: tracing,
    logger: createLogger({ service: 'acceptance', level: 'silent' }),
  });
  const pipeline = await startPipeline(simulator, kafkaBrokers === undefined ? {} : { kafkaBrokers });
  const until = async (question: string): Promise<void> => {
    while ((await pipeline.database.pool.query(question)).rowCount === 0) await delay(50);
  };
  try {
    await until(`SELECT 1 FROM discovery.integrations WHERE baseline_at IS NOT NULL`);
    await pipeline.settled();
    const [resourceId = ''] = [...simulator.organization.accounts.keys()].slice(-1);
    simulator.actions.tagResource({ resourceId, tags: { Owner: 'ana@example.com' } });
    await until(`SELECT 1 FROM graph.entities WHERE properties->>'tag.Owner' = 'ana@example.com'`);
    await pipeline.settled();
  } finally {
    await pipeline.stop();
    await component.stop();
  }
}

function attributeOf({ attributes }: Span, key: string): string | undefined {
  return attributes.find((attribute) => attribute.key === key)?.value.stringValue;
}

/** The names from a span up to the beginning of its trace. */
function chainUpFrom(span: Span, all: readonly Span[]): string[] {
  const parent = all.find(({ spanId, traceId }) => spanId === span.parentSpanId && traceId === span.traceId);
  return [span.name, ...(parent ? chainUpFrom(parent, all) : [])];
}

const buses: [string, () => string[] | undefined][] = [
  ['Kafka', () => testKafkaBrokers()],
  ['Postgres', () => undefined],
];

describe.each(buses)('on %s, with a collector', (_bus, brokers) => {
  it('one trace leads from an event in the queue to the row in the graph', async () => {
    await oneEvent(environment(addressOf(collector)), brokers());
    const all = spans();
    const taken = all.filter(({ name }) => name === 'take in events');
    expect(taken).toHaveLength(1);
    const ofTheEvent = all.filter(({ traceId }) => traceId === taken[0]?.traceId);
    const applied = ofTheEvent.filter(({ name }) => name === 'apply graph changes');
    expect(applied.map((span) => chainUpFrom(span, all))).toContainEqual([
      'apply graph changes',
      'process orgtrail.graph-changes.v1',
      'send orgtrail.graph-changes.v1',
      'process orgtrail.observations.v1',
      'send orgtrail.observations.v1',
      'merge readings',
      'take in events',
    ]);
    // Confirmations read the same subject again, for the same event.
    expect(ofTheEvent.filter(({ name }) => name === 'refresh account').length).toBeGreaterThan(1);
    expect(taken.map((span) => attributeOf(span, 'orgtrail.integration.id'))).toEqual([expect.stringMatching(/^[\da-f-]{36}$/)]);
  }, 60_000);
});

describe('a batch', () => {
  it('with records of several traces is linked to 32 of them, and each record stays in its own', async () => {
    const logger = createLogger({ service: 'acceptance', level: 'silent' });
    const tracing = createTracing({ service: 'acceptance', environment: environment(addressOf(collector)), logger });
    const database = await createTestDatabase();
    const bus = await createPostgresBus({ pool: database.pool, logger });
    const contextOf = (index: number) => `00-${String(index + 1).padStart(32, '0')}-${String(index + 1).padStart(16, '0')}-01`;
    const traceparents = Array.from({ length: 40 }, (_, index) => contextOf(index));
    const received: (string | undefined)[] = [];
    try {
      await bus.ensureTopics([{ topic: 'numbers', partitions: 1 }]);
      const records = traceparents.map((traceparent) => ({ key: 'one', value: Buffer.from('1'), headers: { traceparent } }));
      await bus.publish('numbers', records);
      bus.consume({
        topics: ['numbers'],
        group: 'test',
        onBatch: async ({ records: batch }) => {
          received.push(...batch.map(({ headers }) => headers['traceparent']?.toString()));
        },
      });
      while (received.length < traceparents.length) await delay(20);
    } finally {
      await bus.close();
      await tracing.stop();
      await database.drop();
    }
    expect(received).toEqual(traceparents);
    for (const name of ['send numbers', 'process numbers']) {
      const links = spans().find((span) => span.name === name)?.links ?? [];
      expect(links.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`)).toEqual(traceparents.slice(0, 32));
    }
  }, 30_000);
});

describe('traces', () => {
  it('carry the headers of the environment, the name of the service, and nothing of the customer', async () => {
    await oneEvent(environment(addressOf(collector)));
    expect(requests).toContainEqual({ path: '/v1/traces', secret: 'a secret' });
    expect(exported[0]?.resourceSpans[0]?.resource.attributes).toContainEqual({
      key: 'service.name',
      value: { stringValue: 'acceptance' },
    });
    expect(JSON.stringify(exported)).not.toContain('@example.com');
  }, 60_000);

  it('are not made without a collector, and an unreachable one disturbs nothing', async () => {
    await oneEvent(environment());
    expect(requests).toEqual([]);
    const gone = addressOf(collector);
    await new Promise((resolve) => collector.close(resolve));
    await oneEvent(environment(gone));
  }, 60_000);
});
