import { Partitioners, type Kafka, type Message } from 'kafkajs';
import type { BusLogger, OutgoingRecord } from '../port.js';
import { busErrorOf, producerStateWasLost } from './bus-error-of.js';
import { createRenewingClient } from './renewing-client.js';

export interface KafkaPublisher {
  send: (topic: string, records: readonly OutgoingRecord[]) => Promise<void>;
  close: () => Promise<void>;
}

/**
 * Idempotent, one request at a time: kafkajs does not order sequences of several requests in flight.
 *
 * A producer whose send failed is never used again. Nobody knows whether the broker took those records, and kafkajs gives their sequence
 * numbers to the next ones: a broker that did take them would drop the next ones as repetitions, and acknowledge them.
 */
export function createKafkaPublisher(kafka: Kafka, logger: BusLogger): KafkaPublisher {
  const producer = createRenewingClient(
    () =>
      kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
      }),
    () => true,
  );
  const sendOnce = async (topic: string, messages: Message[]): Promise<void> => {
    await producer.use((client) => client.send({ topic, acks: -1, messages }));
  };

  return {
    send: async (topic, records) => {
      const messages = records.map(toMessage);
      try {
        await sendOnce(topic, messages).catch(async (error: unknown) => {
          if (!producerStateWasLost(error)) throw error;
          logger.warn({ topic }, 'The broker forgot our producer, going on with a new one');
          await sendOnce(topic, messages);
        });
      } catch (error) {
        throw busErrorOf(error, `publishing to ${topic}`);
      }
    },
    close: () => producer.close(),
  };
}

function toMessage({ key, value, headers }: OutgoingRecord): Message {
  return {
    key,
    value: value && asBuffer(value),
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, header]) => [name, typeof header === 'string' ? header : asBuffer(header)]),
    ),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
