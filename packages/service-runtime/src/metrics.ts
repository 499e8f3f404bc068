import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { AggregationTemporality, InstrumentType, MeterProvider, type CollectionResult } from '@opentelemetry/sdk-metrics';

export type MetricsHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface Metrics {
  /** Makes the counters, gauges and histograms. Names start with `orgtrail_`; the exporter adds `_total` to counters. */
  meter: Meter;
  /** Answers with the Prometheus text format. */
  handler: MetricsHandler;
}

/** Shows of a gauge what is said at this scrape; by itself it would show for ever what was said at any earlier one. */
class CurrentGauges extends PrometheusExporter {
  #collecting: Promise<CollectionResult> | undefined;

  /** Once for all who ask at the same time: what is said is told once. */
  override collect(): Promise<CollectionResult> {
    this.#collecting ??= super.collect().finally(() => (this.#collecting = undefined));
    return this.#collecting;
  }

  override selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality {
    return instrument === InstrumentType.OBSERVABLE_GAUGE ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
  }
}

/** Metrics of one process, pulled by Prometheus from the admin server: no port of their own. */
export function createMetrics(): Metrics {
  const exporter = new CurrentGauges({ preventServerStart: true, withoutScopeInfo: true, withoutTargetInfo: true });
  const provider = new MeterProvider({ readers: [exporter] });
  return {
    meter: provider.getMeter('orgtrail'),
    handler: (request, response) => exporter.getMetricsRequestHandler(request, response),
  };
}
