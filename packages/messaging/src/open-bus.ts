import type pg from 'pg';
import { createKafkaBus } from './kafka/kafka-bus.js';
import { kafkaConnectionOf, type KafkaEnvironment } from './kafka/kafka-environment.js';
import type { Bus, BusLogger } from './port.js';
import { createPostgresBus } from './postgres/postgres-bus.js';

/** The bus that the environment names: on Kafka, or in the database. Rejects as `createKafkaBus` does. */
export async function openBus(
  environment: KafkaEnvironment,
  settings: { pool: pg.Pool; clientId: string; logger: BusLogger; timeoutMs: number },
): Promise<Bus> {
  const { pool, clientId, logger, timeoutMs } = settings;
  const kafka = kafkaConnectionOf(environment);
  return kafka === undefined
    ? createPostgresBus({ pool, logger })
    : createKafkaBus({ ...kafka, clientId, logger, unavailableAfterMs: timeoutMs });
}
