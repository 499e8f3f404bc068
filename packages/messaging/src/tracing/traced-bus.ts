import { propagation, SpanKind, type Attributes } from '@opentelemetry/api';
import type { Batch, Bus, OutgoingRecord } from '../port.js';
import { carriedTraceparent, inSpan } from './in-span.js';

/**
 * A bus whose publishing and handling are spans, one per batch: a span per record costs more than the record
 * (https://opentelemetry.io/docs/specs/semconv/messaging/ has the names). Records carry `traceparent`. Without a collector it is the bus itself.
 */
export function tracedBus(bus: Bus): Bus {
  const isTracing = (): boolean => propagation.fields().length > 0;
  return {
    ...bus,
    publish: (topic, records) => {
      if (records.length === 0 || !isTracing()) return bus.publish(topic, records);
      const from = records.map(({ headers }) => textOf(headers?.['traceparent']));
      const attributes = messagingAttributes(bus, 'send', topic, records.length);
      return inSpan({ name: `send ${topic}`, kind: SpanKind.PRODUCER, attributes, from }, () =>
        bus.publish(topic, carrying(records)),
      );
    },
    consume: (options) =>
      bus.consume({
        ...options,
        onBatch: (batch) => {
          if (!isTracing()) return options.onBatch(batch);
          const { topic, partition, records } = batch;
          return inSpan(
            {
              name: `process ${topic}`,
              kind: SpanKind.CONSUMER,
              attributes: {
                ...messagingAttributes(bus, 'process', topic, records.length),
                'messaging.consumer.group.name': options.group,
                'messaging.destination.partition.id': String(partition),
              },
              from: originsOf(batch),
            },
            () => options.onBatch(batch),
          );
        },
      }),
  };
}

function messagingAttributes({ kind }: Bus, operation: 'send' | 'process', topic: string, count: number): Attributes {
  return {
    'messaging.system': kind === 'kafka' ? 'kafka' : 'postgresql',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': topic,
    'messaging.batch.message_count': count,
  };
}

const originsOf = ({ records }: Batch): (string | undefined)[] => records.map(({ headers }) => textOf(headers['traceparent']));

function carrying(records: readonly OutgoingRecord[]): OutgoingRecord[] {
  return records.map((record) => {
    const traceparent = carriedTraceparent(textOf(record.headers?.['traceparent']));
    return traceparent === undefined ? record : { ...record, headers: { ...record.headers, traceparent } };
  });
}

const textOf = (header: string | Uint8Array | undefined): string | undefined =>
  header === undefined || typeof header === 'string' ? header : Buffer.from(header).toString('latin1');
