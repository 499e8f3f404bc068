import { createPool, waitForDatabase } from '@orgtrail/database';
import { createKafkaBus, createPostgresBus, kafkaConnectionOf, type Bus } from '@orgtrail/messaging';
import {
  checksOf,
  ConfigError,
  createAdminServer,
  createLogger,
  createMetrics,
  createTracing,
  type Component,
  type Logger,
} from '@orgtrail/service-runtime';
import { createAccountMapper } from './account-mapper.js';
import type { AccountMapperEnvironment } from './config.js';

export interface Wired {
  components: Component[];
  logger: Logger;
  release(): Promise<void>;
}

/** Everything that the mapper is made of, from its environment. Waits for its bus (exit 69 when it does not answer). */
export async function wireAccountMapper(environment: AccountMapperEnvironment): Promise<Wired> {
  const logger = createLogger({ service: 'account-mapper', level: environment.LOG_LEVEL });
  const tracing = createTracing({ service: 'account-mapper', environment, logger });
  const metrics = createMetrics();
  const { bus, release } = await openBus(environment, logger);
  const mapper = createAccountMapper({ bus, logger, meter: metrics.meter });
  const admin = createAdminServer({
    host: environment.ADMIN_HOST,
    port: environment.ADMIN_PORT,
    checks: { ...checksOf([mapper]), bus: () => bus.ping() },
    metricsHandler: metrics.handler,
  });
  return { components: [tracing, admin, mapper], logger, release };
}

async function openBus(environment: AccountMapperEnvironment, logger: Logger): Promise<{ bus: Bus; release(): Promise<void> }> {
  const timeoutMs = environment.START_TIMEOUT_SECONDS * 1000;
  const kafka = kafkaConnectionOf(environment);
  if (kafka !== undefined) {
    const bus = await createKafkaBus({ ...kafka, clientId: 'orgtrail-account-mapper', logger, unavailableAfterMs: timeoutMs });
    return { bus, release: () => bus.close() };
  }
  if (environment.DATABASE_URL === undefined) {
    throw new ConfigError(['KAFKA_BROKERS or DATABASE_URL is required: the bus runs on Kafka, or in the database']);
  }
  const pool = createPool({ connectionString: environment.DATABASE_URL, applicationName: 'orgtrail-account-mapper' });
  await waitForDatabase(pool, { timeoutMs, label: 'DATABASE_URL' });
  const bus = await createPostgresBus({ pool, logger });
  return {
    bus,
    release: async () => {
      await bus.close();
      await pool.end();
    },
  };
}
