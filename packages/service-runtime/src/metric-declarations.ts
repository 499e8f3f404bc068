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
  /**
   * Labels with which it stands at 0 from the start (`everyCombination`); without labels it always does. Prometheus sees no increase in a
   * series that appears with its first count: whatever an alert is about belongs here.
   */
  fromZero?: readonly MetricLabels[];
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
  for (const declaration of Object.values(declarations)) {
    const { kind, name } = declaration;
    const wellNamed = /^orgtrail_[a-z0-9_]+$/.test(name) && (kind === 'counter') === name.endsWith('_total');
    if (!wellNamed || (kind === 'histogram' && !name.endsWith('_seconds'))) {
      throw new Error(`${name} is no name for a ${kind}: orgtrail_…, counters end with _total, histograms with _seconds.`);
    }
    const labelNames = Object.keys(declaration.labels ?? {})
      .sort()
      .join();
    const begins = declaration.kind === 'counter' ? (declaration.fromZero ?? []) : [];
    if (begins.some((labels) => Object.keys(labels).sort().join() !== labelNames)) {
      throw new Error(`${name} begins with other labels than those that it has: ${labelNames || 'none'}.`);
    }
  }
  return declarations;
}

/** Each value of one label with each of the others. */
export function everyCombination(values: Readonly<Record<string, readonly string[]>>): MetricLabels[] {
  return Object.entries(values).reduce<MetricLabels[]>(
    (labels, [name, each]) => labels.flatMap((some) => each.map((value) => ({ ...some, [name]: value }))),
    [{}],
  );
}
