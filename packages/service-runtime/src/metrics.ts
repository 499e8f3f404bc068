import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

export type MetricsHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Metrics {
  /** Makes the counters, gauges and histograms. Names start with `orgtrail_`; the exporter adds `_total` to counters. */
  meter: Meter;
  /** Answers with the Prometheus text format. */
  handler: MetricsHandler;
}

/** Metrics of one process, pulled by Prometheus from the admin server: no port of their own. */
export function createMetrics(): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true, withoutTargetInfo: true });
  const provider = new MeterProvider({ readers: [exporter] });
  return {
    meter: provider.getMeter('orgtrail'),
    handler: (request, response) => exporter.getMetricsRequestHandler(request, response),
  };
}
