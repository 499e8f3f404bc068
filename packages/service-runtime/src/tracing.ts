import { setTimeout as delay } from 'node:timers/promises';
import { context, diag, DiagLogLevel, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, resourceAttributesEnvDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
} from '@opentelemetry/sdk-trace';
import type { Component } from './component.js';
import type { Logger } from './logger.js';
import type { TracingEnvironment } from './tracing-environment.js';
import { w3cTraceContext } from './w3c-trace-context.js';

export interface TracingSettings {
  /** `service.name`, unless the environment names another. */
  service: string;
  environment: TracingEnvironment;
  logger: Logger;
}

/** A collector that is away must not hold up a process that ends. */
const lastExportMs = 3_000;
const quietMs = 60_000;

/**
 * Sends traces to a collector, where the environment names one; else it does nothing and costs nothing, since OpenTelemetry's API then makes
 * spans that are nothing. To be made before what makes spans, and stopped last. A collector that fails disturbs no work: spans are dropped.
 */
export function createTracing({ service, environment, logger }: TracingSettings): Component {
  const url = endpointOf(environment);
  const nothing = { name: 'tracing', start: () => Promise.resolve(), stop: () => Promise.resolve() };
  if (url === undefined) return nothing;
  const headers = environment.OTEL_EXPORTER_OTLP_HEADERS;
  reportTo(logger);
  const provider = new TracerProvider({
    resource: detectResources({ detectors: [resourceAttributesEnvDetector] }).merge(
      resourceFromAttributes({ 'service.name': environment.OTEL_SERVICE_NAME ?? service }),
    ),
    sampler: samplerOf(environment),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url, ...(headers === undefined ? {} : { headers: parseHeaders(headers) }) }),
        scheduledDelayMillis: 1_000,
      }),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(w3cTraceContext);
  return {
    ...nothing,
    stop: async () => {
      const ending = new AbortController();
      await Promise.race([
        provider.shutdown().catch((error: unknown) => logger.warn({ err: error }, 'The last traces could not be sent')),
        delay(lastExportMs, undefined, { signal: ending.signal }).catch(() => undefined),
      ]);
      ending.abort();
      trace.disable();
      context.disable();
      propagation.disable();
      diag.disable();
    },
  };
}

function endpointOf(environment: TracingEnvironment): string | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole } = environment;
  return whole ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`);
}

/** `name=value,…`, percent-encoded as in the specification of the exporter. */
function parseHeaders(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split(',').flatMap((pair) => {
      const [name = '', ...rest] = pair.split('=');
      return name.trim() === '' ? [] : [[name.trim(), decoded(rest.join('=').trim())]];
    }),
  );
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function samplerOf({ OTEL_TRACES_SAMPLER: name, OTEL_TRACES_SAMPLER_ARG: ratio }: TracingEnvironment): Sampler {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
    default:
      return name satisfies never;
  }
}

/** The exporter's troubles, at most one a minute: a collector that is away is not the news of every second. */
function reportTo(logger: Logger): void {
  let quietUntil = 0;
  const report = (message: string): void => {
    const now = Date.now();
    if (now < quietUntil) return;
    quietUntil = now + quietMs;
    // What it says further may hold headers of the request.
    logger.warn({ reason: message.slice(0, 300) }, 'Traces could not be sent, and are dropped');
  };
  const silent = (): void => undefined;
  diag.setLogger({ error: report, warn: report, info: silent, debug: silent, verbose: silent }, DiagLogLevel.WARN);
}
