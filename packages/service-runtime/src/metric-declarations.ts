/** What a label may hold, for the documentation: values, or what they are. Never an account id, an ARN, a name or an address of a customer. */
export type MetricLabels = Readonly<Record<string, string>>;

interface Declared {
  /** As Prometheus shows it: `orgtrail_…`, counters with `_total`, durations with `_seconds`. */
  name: string;
  /** One line: what is counted or measured. */
  description: string;
  labels?: MetricLabels;
  /** What is worth waking somebody for. */
  alert?: string;
}

export interface CounterDeclaration extends Declared {
  kind: 'counter';
}

/** Of durations, in seconds. */
export interface HistogramDeclaration extends Declared {
  kind: 'histogram';
  /** Upper bounds. */
  buckets: readonly number[];
}

/** Asked for at each scrape. */
export interface GaugeDeclaration extends Declared {
  kind: 'gauge';
  unit?: 's';
}

export type MetricDeclaration = CounterDeclaration | HistogramDeclaration | GaugeDeclaration;
export type MetricDeclarations = Readonly<Record<string, MetricDeclaration>>;

/**
 * Declares the metrics of a service. Instruments are made of these declarations alone (`createInstruments`), and `docs/metrics.md` is generated
 * from them: no metric exists undocumented. Throws where a name breaks the rules of Prometheus.
 */
export function defineMetrics<const Declarations extends MetricDeclarations>(declarations: Declarations): Declarations {
  for (const { kind, name } of Object.values(declarations)) {
    const wellNamed = /^orgtrail_[a-z0-9_]+$/.test(name) && (kind === 'counter') === name.endsWith('_total');
    if (!wellNamed || (kind === 'histogram' && !name.endsWith('_seconds'))) {
      throw new Error(`${name} is no name for a ${kind}: orgtrail_…, counters end with _total, histograms with _seconds.`);
    }
  }
  return declarations;
}
