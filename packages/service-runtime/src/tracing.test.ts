import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isSpanContextValid, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { z } from 'zod';
import { createLogger, createTracing, loadConfig, tracingVariables, type Component, type Logger } from './index.js';
import { w3cTraceContext } from './w3c-trace-context.js';

const variables = z.object(tracingVariables);
let lines: string[] = [];
let logger: Logger;
let tracing: Component | undefined;
let collector: Server;
let endpoint: string;

beforeAll(async () => {
  collector = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});
afterAll(() => {
  collector.close();
  collector.closeAllConnections();
});

function startTracing(env: Record<string, string>): void {
  lines = [];
  logger = createLogger({ service: 'test', destination: { write: (line) => void lines.push(line) } });
  tracing = createTracing({ service: 'test', environment: loadConfig(variables, env), logger });
}
afterEach(async () => {
  await tracing?.stop();
});

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('traces', () => {
  it('are nothing while no collector is named', () => {
    startTracing({ OTEL_SERVICE_NAME: 'without-a-collector' });
    trace.getTracer('test').startActiveSpan('work', (span) => {
      logger.info('inside');
      expect(isSpanContextValid(span.spanContext())).toBe(false);
      expect(propagation.fields()).toEqual([]);
    });
    expect(lines.join('')).not.toContain('trace_id');
  });

  it('are named in the log lines of their spans, and nowhere else', () => {
    startTracing({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    logger.info('outside');
    const traceId = trace.getTracer('test').startActiveSpan('work', (span) => {
      logger.info('inside');
      span.end();
      return span.spanContext().traceId;
    });
    const [outside, inside] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(outside).not.toHaveProperty('trace_id');
    expect(inside).toMatchObject({ msg: 'inside', trace_id: traceId });
  });

  it('are kept as the sampler of the environment says', () => {
    startTracing({
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
    });
    const span = trace.getTracer('test').startSpan('work');
    expect(span.isRecording()).toBe(false);
    const sampled = propagation.extract(ROOT_CONTEXT, { traceparent });
    expect(trace.getTracer('test').startSpan('work', {}, sampled).isRecording()).toBe(true);
  });

  it('that a collector refuses are dropped with one word in the log, which never tells the headers', async () => {
    let refused = 0;
    const server = createServer((_request, response) => {
      refused += 1;
      response.writeHead(401).end('who are you');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    startTracing({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}/own`,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer geheim',
    });
    for (const times of [1, 2]) {
      trace.getTracer('test').startSpan('work').end();
      while (refused < times) await delay(20);
    }
    await delay(20);
    server.close();
    expect(lines.filter((line) => line.includes('Traces could not be sent'))).toHaveLength(1);
    expect(lines.join('')).not.toContain('geheim');
  });

  it('refuse a collector that is no address, and a share that is none', () => {
    expect(() => loadConfig(variables, { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector', OTEL_TRACES_SAMPLER_ARG: '2' })).toThrow(
      /OTEL_EXPORTER_OTLP_ENDPOINT[\s\S]*OTEL_TRACES_SAMPLER_ARG/,
    );
  });
});

describe('traceparent', () => {
  const read = (text: string) =>
    trace.getSpanContext(w3cTraceContext.extract(ROOT_CONTEXT, { traceparent: text }, { get: () => text, keys: () => [] }));

  it('is read and written as it is', () => {
    const carrier: Record<string, string> = {};
    const set = (to: unknown, key: string, value: string): void => void ((to as Record<string, string>)[key] = value);
    const context = w3cTraceContext.extract(ROOT_CONTEXT, {}, { get: () => traceparent, keys: () => [] });
    w3cTraceContext.inject(context, carrier, { set });
    expect(carrier).toEqual({ traceparent });
  });

  it.each([
    ['of a later version', `cc${traceparent.slice(2)}-what-the-future-will-be-like`, true],
    ['of no version', `ff${traceparent.slice(2)}`, false],
    ['with no trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`, false],
    ['with no span', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`, false],
    ['in capitals', traceparent.toUpperCase(), false],
    ['that is cut', traceparent.slice(0, 50), false],
    ['that is empty', '', false],
  ])('%s is understood: %p', (_what, text, understood) => {
    expect(read(text) !== undefined).toBe(understood);
  });
});
