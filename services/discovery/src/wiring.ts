import { connectToAws } from '@orgtrail/aws';
import { createPool, waitForDatabase } from '@orgtrail/database';
import { createKafkaBus, createPostgresBus } from '@orgtrail/messaging';
import { checksOf, createAdminServer, createLogger, createMetrics, type Component, type Logger } from '@orgtrail/service-runtime';
import type { DiscoveryEnvironment } from './config.js';
import { createDiscovery } from './discovery.js';
import { createDiscoveryMetrics } from './proof/metrics.js';

export interface Wired {
  components: Component[];
  logger: Logger;
  /** Gives back what was opened before the components start. */
  release(): Promise<void>;
}

/** Everything that discovery is made of, from its environment. Waits for the database and the bus (exit 69 when they do not answer). */
export async function wireDiscovery(environment: DiscoveryEnvironment): Promise<Wired> {
  const logger = createLogger({ service: 'discovery', level: environment.LOG_LEVEL });
  const metrics = createMetrics();
  const timeoutMs = environment.START_TIMEOUT_SECONDS * 1000;

  const pool = createPool({
    connectionString: environment.DATABASE_URL,
    applicationName: 'orgtrail-discovery',
    max: 20,
    statementTimeoutMs: 30_000,
    onError: (error) => logger.warn({ err: error }, 'A database connection broke'),
  });
  await waitForDatabase(pool, { timeoutMs, label: 'DATABASE_URL' });
  const bus =
    environment.KAFKA_BROKERS === undefined
      ? await createPostgresBus({ pool, logger })
      : await createKafkaBus({
          brokers: environment.KAFKA_BROKERS.split(','),
          clientId: 'orgtrail-discovery',
          logger,
          unavailableAfterMs: timeoutMs,
        });
  const discoveryMetrics = createDiscoveryMetrics(metrics.meter);
  const aws = connectToAws({
    ...(environment.ORGTRAIL_ROLE_ARN === undefined ? {} : { roleArn: environment.ORGTRAIL_ROLE_ARN }),
    ...(environment.ORGTRAIL_EXTERNAL_ID === undefined ? {} : { externalId: environment.ORGTRAIL_EXTERNAL_ID }),
    rateShare: environment.AWS_RATE_SHARE,
    onCall: ({ operation, outcome, milliseconds }) => discoveryMetrics.awsCall(operation, outcome, milliseconds),
  });
  const discovery = createDiscovery({
    pool,
    bus,
    aws,
    logger,
    metrics: discoveryMetrics,
    settings: {
      name: environment.ORGTRAIL_NAME,
      configureOrganizationAccounts: environment.CONFIGURE_ORGANIZATION_ACCOUNTS,
      forwardingAccountIds: environment.ORGTRAIL_FORWARDING_ACCOUNT_IDS,
      queueUrl: environment.ORGTRAIL_QUEUE_URL,
      fullSyncIntervalSeconds: environment.FULL_SYNC_INTERVAL_SECONDS === 0 ? undefined : environment.FULL_SYNC_INTERVAL_SECONDS,
      missedChangeWindowSeconds: environment.MISSED_CHANGE_WINDOW_SECONDS,
      confirmation: {
        confirmAfterSeconds: environment.CONFIRM_AFTER_SECONDS,
        confirmNotFoundAfterSeconds: environment.CONFIRM_NOT_FOUND_AFTER_SECONDS,
        maximumRetrySeconds: 300,
      },
    },
  });
  const admin = createAdminServer({
    host: environment.ADMIN_HOST,
    port: environment.ADMIN_PORT,
    checks: { ...checksOf([discovery]), database: () => pool.query('SELECT 1').then(() => undefined), bus: () => bus.ping() },
    metricsHandler: metrics.handler,
  });
  return {
    components: [admin, discovery],
    logger,
    release: async () => {
      aws.destroy();
      await bus.close();
      await pool.end();
    },
  };
}
