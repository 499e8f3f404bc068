import { migrate } from '@orgtrail/database';
import type pg from 'pg';
import { answerWithin } from '../answer-within.js';
import { BusError, type Bus, type BusLogger, type Consumption, type TopicSpec } from '../port.js';
import { createPublishQueue } from '../publish-queue.js';
import { tracedBus } from '../tracing/traced-bus.js';
import { inBriefTransaction } from './brief-transaction.js';
import { busErrorOf } from './bus-error-of.js';
import { consumeFromPostgres } from './consumption.js';
import { migrations } from './migrations/index.js';
import { createPostgresPublisher } from './publish.js';
import { keepRetention } from './retention.js';
import { insertTopic, selectLag, selectTopics } from './sql/topics.js';
import { defaultRetentionMs, defaultTuning, maxPublishBytes, maxPublishRecords, type PostgresTuning } from './tuning.js';
import { listenForWakeUps } from './wake-ups.js';

const ANSWER_MS = 5_000;

export interface PostgresBusOptions {
  /** The bus keeps one connection of it for notifications, and borrows others. `close` leaves it open: it is the caller's. */
  pool: pg.Pool;
  logger: BusLogger;
  tuning?: Partial<PostgresTuning>;
}

/** A bus in the schema `bus` of a database, which is created or brought up to date first. For one machine, tests and demos. */
export async function createPostgresBus({ pool, logger, tuning: given }: PostgresBusOptions): Promise<Bus> {
  const tuning = { ...defaultTuning, ...given };
  await migrate(pool, { schema: 'bus', migrations });

  const queue = createPublishQueue({
    send: createPostgresPublisher(pool, logger, tuning.publishRetryForMs),
    maxRecords: maxPublishRecords,
    maxBytes: maxPublishBytes,
  });
  const wakeUps = listenForWakeUps(pool, logger);
  const retention = keepRetention(pool, tuning.retentionEveryMs, logger);
  const consumptions = new Set<Consumption>();
  let closed: Promise<void> | undefined;

  const assertOpen = (): void => {
    if (closed) throw new BusError('The bus is closed', { code: 'BUS_CLOSED', retriable: false });
  };
  const ask = async <T>(doing: string, work: () => Promise<T>): Promise<T> => {
    assertOpen();
    return work().catch((error: unknown) => {
      throw busErrorOf(error, doing);
    });
  };

  return tracedBus({
    kind: 'postgres',
    publish: async (topic, records) => {
      assertOpen();
      await queue.publish(topic, records);
    },
    consume: (options) => {
      assertOpen();
      const consumption = consumeFromPostgres({ pool, wakeUps, tuning, logger }, options);
      consumptions.add(consumption);
      return consumption;
    },
    ensureTopics: (specs) =>
      ask('creating topics', () => inBriefTransaction(pool, ANSWER_MS, (client) => createTopics(client, specs))),
    lag: (group, topics) =>
      ask(`reading the offsets of ${group}`, async () => ({
        ...Object.fromEntries(topics.map((topic) => [topic, 0n])),
        ...(await selectLag(pool, group, topics)),
      })),
    missingTopics: (topics) =>
      ask('listing the topics', async () => {
        const existing = new Set(await selectTopics(pool));
        return topics.filter((topic) => !existing.has(topic));
      }),
    ping: () => ask('ping', () => answerWithin(ANSWER_MS, 'The Postgres bus', pool.query('SELECT 1'))),
    close: () =>
      (closed ??= (async () => {
        await Promise.all([...consumptions].map((consumption) => consumption.stop()));
        await queue.drained();
        await Promise.all([wakeUps.close(), retention.close()]);
      })()),
  });
}

/** In the order of their names, so that two processes with the same topics in another order do not wait for each other. */
async function createTopics(client: pg.PoolClient, specs: readonly TopicSpec[]): Promise<void> {
  const sorted = [...specs].sort((a, b) => (a.topic < b.topic ? -1 : 1));
  for (const { topic, partitions, retentionMs = defaultRetentionMs } of sorted) {
    await insertTopic(client, { topic, partitions, retentionMs });
  }
}
