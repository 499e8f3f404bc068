import { createPool, waitForDatabase } from '@orgtrail/database';
import { openBus } from '@orgtrail/messaging';
import {
  checksOf,
  createAdminServer,
  createApiServer,
  createLogger,
  createMetrics,
  createTracing,
  type Component,
  type Logger,
} from '@orgtrail/service-runtime';
import { graphWriterApi } from './api/graph-writer-api.js';
import type { GraphWriterEnvironment } from './config.js';
import { createGraphFeed } from './feed/graph-feed.js';
import { createGraphWriter } from './graph-writer.js';

export interface Wired {
  components: Component[];
  logger: Logger;
  /** Gives back what was opened before the components start. */
  release(): Promise<void>;
}

/** Everything that the writer is made of, from its environment. Waits for the database and the bus (exit 69 when they do not answer). */
export async function wireGraphWriter(environment: GraphWriterEnvironment): Promise<Wired> {
  const logger = createLogger({ service: 'graph-writer', level: environment.LOG_LEVEL });
  const tracing = createTracing({ service: 'graph-writer', environment, logger });
  const metrics = createMetrics();
  const timeoutMs = environment.START_TIMEOUT_SECONDS * 1000;

  const pool = createPool({
    connectionString: environment.DATABASE_URL,
    applicationName: 'orgtrail-graph-writer',
    // Less than half of Kafka's session timeout: a slow statement must not cost the partition.
    statementTimeoutMs: 20_000,
    onError: (error) => logger.warn({ err: error }, 'A database connection broke'),
  });
  await waitForDatabase(pool, { timeoutMs, label: 'DATABASE_URL' });
  const bus = await openBus(environment, { pool, clientId: 'orgtrail-graph-writer', logger, timeoutMs });
  const feed = environment.GRAPH_FEED === 'on' ? createGraphFeed({ bus, pool, logger, meter: metrics.meter }) : undefined;
  const writer = createGraphWriter({
    bus,
    pool,
    logger,
    meter: metrics.meter,
    onCommitted: () => feed?.wake(),
    deadLetterDays: environment.DEAD_LETTER_DAYS,
    historyMonths: environment.HISTORY_MONTHS,
    feedIsOn: feed !== undefined,
  });
  const admin = createAdminServer({
    host: environment.ADMIN_HOST,
    port: environment.ADMIN_PORT,
    checks: { ...checksOf([writer]), database: () => pool.query('SELECT 1').then(() => undefined), bus: () => bus.ping() },
    metricsHandler: metrics.handler,
  });
  return {
    components: [
      tracing,
      admin,
      writer,
      ...(feed ? [feed] : []),
      createApiServer({
        parts: [graphWriterApi({ pool, bus, feedIsOn: feed !== undefined })],
        tokens: environment.API_TOKENS,
        logger,
        host: environment.API_HOST,
        port: environment.API_PORT,
      }),
    ],
    logger,
    release: async () => {
      await bus.close();
      await pool.end();
    },
  };
}
