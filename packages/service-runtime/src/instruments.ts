import type { Meter, ObservableResult } from '@opentelemetry/api';
import type { MetricDeclaration, MetricDeclarations, MetricLabels } from './metric-declarations.js';

type WithLabels<Declaration, Result> = Declaration extends { labels: infer Labels extends MetricLabels }
  ? (value: number, labels: Readonly<Record<keyof Labels, string>>) => Result
  : (value: number) => Result;

interface Counting<Declaration> {
  add: WithLabels<Declaration, void>;
}

interface Measuring<Declaration> {
  record: WithLabels<Declaration, void>;
}

interface Observing<Declaration> {
  /** `read` is asked at each scrape and says each value; a rejection leaves the gauge out. Returns what ends it. */
  observe(read: (say: WithLabels<Declaration, void>) => void | Promise<void>): () => void;
}

export type InstrumentOf<Declaration extends MetricDeclaration> = Declaration extends { kind: 'counter' }
  ? Counting<Declaration>
  : Declaration extends { kind: 'histogram' }
    ? Measuring<Declaration>
    : Observing<Declaration>;

export type Instruments<Declarations extends MetricDeclarations> = {
  readonly [Name in keyof Declarations]: InstrumentOf<Declarations[Name]>;
};

/** Makes the declared instruments of a meter, with the labels that were declared and no others. */
export function createInstruments<const Declarations extends MetricDeclarations>(
  meter: Meter,
  declarations: Declarations,
): Instruments<Declarations> {
  return Object.fromEntries(
    Object.entries(declarations).map(([key, declaration]) => [key, createInstrument(meter, declaration)]),
  ) as unknown as Instruments<Declarations>;
}

function createInstrument(meter: Meter, declaration: MetricDeclaration): object {
  const { name, description } = declaration;
  switch (declaration.kind) {
    case 'counter': {
      // The exporter adds the ending.
      const counter = meter.createCounter(name.replace(/_total$/, ''), { description });
      for (const labels of declaration.labels ? (declaration.fromZero ?? []) : [{}]) counter.add(0, labels);
      return counter;
    }
    case 'histogram':
      return meter.createHistogram(name, {
        description,
        unit: 's',
        advice: { explicitBucketBoundaries: [...declaration.buckets] },
      });
    case 'gauge': {
      const gauge = meter.createObservableGauge(name, {
        description,
        ...(declaration.unit === undefined ? {} : { unit: declaration.unit }),
      });
      return {
        observe: (read: (say: (value: number, labels?: Record<string, string>) => void) => void | Promise<void>) => {
          const callback = async (result: ObservableResult): Promise<void> => {
            // A scrape that cannot ask one thing shows the others.
            await (async () => read((value, labels = {}) => result.observe(value, labels)))().catch(() => undefined);
          };
          gauge.addCallback(callback);
          return () => gauge.removeCallback(callback);
        },
      };
    }
    default:
      return declaration satisfies never;
  }
}
