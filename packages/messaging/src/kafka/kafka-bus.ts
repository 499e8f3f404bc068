import type { ConnectionOptions } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Admin, type SASLOptions } from 'kafkajs';
import { answerWithin } from '../answer-within.js';
import { createPublishQueue } from '../publish-queue.js';
import { BusError, type Bus, type BusLogger, type Consumption } from '../port.js';
import { busErrorOf, reasonOf, untrustedCertificate, wasNotLetIn } from './bus-error-of.js';
import { consumeFromKafka } from './consumption.js';
import { kafkajsLog } from './kafkajs-log.js';
import { createKafkaPublisher } from './publish.js';
import { createRenewingClient, type RenewingClient } from './renewing-client.js';
import { stopIdleTimers } from './stop-idle-timers.js';
import { createMissingTopics, lagOf } from './topics.js';
import { tracedBus } from '../tracing/traced-bus.js';
import { connectionTimeoutMs, defaultTuning, maxPublishBytes, maxPublishRecords, retryFor, type KafkaTuning } from './tuning.js';

const PING_TIMEOUT_MS = 5_000;
const ASK_FOR_MS = 3_000;
/** Then the consumer is restarted as a whole, again and again. */
const CONSUME_FOR_MS = 5_000;

export interface KafkaBusOptions {
  /** `host:port` of each broker to begin with. */
  brokers: string[];
  clientId: string;
  logger: BusLogger;
  ssl?: boolean | ConnectionOptions;
  sasl?: SASLOptions;
  /** How long unreachable brokers are waited for at the start, in milliseconds. Default 60 s. */
  unavailableAfterMs?: number;
  tuning?: Partial<KafkaTuning>;
}

/** A bus on Kafka. Rejects with `BUS_UNREACHABLE` when no broker answers in time, with `BUS_REFUSED` when one does not let us in. */
export async function createKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const { brokers, clientId, logger, ssl, sasl } = options;
  const tuning = { ...defaultTuning, ...options.tuning };
  stopIdleTimers(logger);
  // kafkajs takes the patience of a client's connections from here, whatever its producer or consumer is told.
  const clientWaiting = (forMs: number): Kafka =>
    new Kafka({
      brokers,
      clientId,
      ...(ssl === undefined ? {} : { ssl }),
      ...(sasl === undefined ? {} : { sasl }),
      connectionTimeout: connectionTimeoutMs,
      retry: retryFor(forMs),
      logLevel: logLevel.INFO,
      logCreator: kafkajsLog(logger),
    });
  const admin = createRenewingClient(
    () => clientWaiting(ASK_FOR_MS).admin(),
    (error) => busErrorOf(error, 'asking').code !== 'UNKNOWN_TOPIC',
  );
  await waitForBrokers(admin, brokers, options.unavailableAfterMs ?? 60_000);

  const publisher = createKafkaPublisher(clientWaiting(tuning.publishRetryForMs), logger);
  const queue = createPublishQueue({
    send: async (topic, records) => {
      await assertTopicExists(topic);
      await publisher.send(topic, records);
    },
    maxRecords: maxPublishRecords,
    maxBytes: maxPublishBytes,
  });
  const knownTopics = new Set<string>();
  const consumptions = new Set<Consumption>();
  let closed: Promise<void> | undefined;

  const ask = async <T>(doing: string, work: (client: Admin) => Promise<T>): Promise<T> => {
    assertOpen();
    return admin.use(work).catch((error: unknown) => {
      throw busErrorOf(error, doing);
    });
  };
  const assertOpen = (): void => {
    if (closed) throw new BusError('The bus is closed', { code: 'BUS_CLOSED', retriable: false });
  };
  /** kafkajs would look for a missing topic as long as for a missing broker. */
  const assertTopicExists = async (topic: string): Promise<void> => {
    if (knownTopics.has(topic)) return;
    const existing = await admin.use((client) => client.listTopics()).catch(() => undefined);
    if (!existing) return; // the brokers are away: publishing waits for them
    for (const name of existing) knownTopics.add(name);
    if (knownTopics.has(topic)) return;
    throw new BusError(`There is no topic ${topic}`, { code: 'UNKNOWN_TOPIC', retriable: false });
  };

  return tracedBus({
    kind: 'kafka',
    publish: async (topic, records) => {
      assertOpen();
      await queue.publish(topic, records);
    },
    consume: (consumeOptions) => {
      assertOpen();
      const consumption = consumeFromKafka(clientWaiting(CONSUME_FOR_MS), consumeOptions, tuning, logger);
      consumptions.add(consumption);
      return consumption;
    },
    ensureTopics: async (specs) => {
      await ask('creating topics', (client) => createMissingTopics(client, specs));
      for (const { topic } of specs) knownTopics.add(topic);
    },
    lag: (group, topics) => ask(`reading the offsets of ${group}`, (client) => lagOf(client, group, topics)),
    missingTopics: (topics) =>
      ask('listing the topics', async (client) => {
        const existing = new Set(await client.listTopics());
        return topics.filter((topic) => !existing.has(topic));
      }),
    ping: () => ask('asking for the cluster', (client) => answerWithin(PING_TIMEOUT_MS, 'Kafka', client.describeCluster())),
    close: () =>
      (closed ??= (async () => {
        await Promise.all([...consumptions].map((consumption) => consumption.stop()));
        await queue.drained();
        await Promise.all([publisher.close(), admin.close()]);
      })()),
  });
}

async function waitForBrokers(admin: RenewingClient<Admin>, brokers: string[], unavailableAfterMs: number): Promise<void> {
  const deadline = performance.now() + unavailableAfterMs;
  for (;;) {
    try {
      await admin.use((client) => client.describeCluster());
      return;
    } catch (error) {
      if (wasNotLetIn(error)) throw busErrorOf(error, `signing in at ${brokers.join(', ')}`);
      const untrusted = untrustedCertificate(error);
      if (untrusted !== undefined) {
        throw new BusError(
          `Kafka's certificate at ${brokers.join(', ')} is not accepted: ${untrusted}. Set KAFKA_TLS_CA to the CA that signed it, and name the ` +
            'brokers in KAFKA_BROKERS as their certificate does.',
          { code: 'BUS_REFUSED', retriable: false, cause: error },
        );
      }
      const leftMs = deadline - performance.now();
      if (leftMs > 0) {
        await sleep(Math.min(500, leftMs));
        continue;
      }
      throw new BusError(
        `No Kafka broker answered within ${Math.round(unavailableAfterMs / 1000)} s at ${brokers.join(', ')}: ${reasonOf(error)}. Check KAFKA_BROKERS, ` +
          'that this machine reaches these addresses, and that KAFKA_TLS says whether they speak TLS.',
        { code: 'BUS_UNREACHABLE', retriable: true, cause: error },
      );
    }
  }
}
