import { hostname } from 'node:os';
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
import { assembleDiscovery } from './assemble.js';
import type { DiscoveryEnvironment } from './config.js';
import type { GivenIntegration } from './integrations/register-from-environment.js';
import { webhookAddress } from './webhook/webhook-environment.js';

export interface Wired {
  components: Component[];
  logger: Logger;
  /** Gives back what was opened before the components start. */
  release(): Promise<void>;
}

/** Everything that discovery is made of, from its environment. Waits for the database and the bus (exit 69 when they do not answer). */
export async function wireDiscovery(environment: DiscoveryEnvironment): Promise<Wired> {
  const logger = createLogger({ service: 'discovery', level: environment.LOG_LEVEL });
  const tracing = createTracing({ service: 'discovery', environment, logger });
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
  const bus = await openBus(environment, { pool, clientId: 'orgtrail-discovery', logger, timeoutMs });
  const { discovery, api, webhook } = assembleDiscovery({
    pool,
    bus,
    logger,
    meter: metrics.meter,
    aws: { rateShare: environment.AWS_RATE_SHARE },
    process: {
      missedChangeWindowSeconds: environment.MISSED_CHANGE_WINDOW_SECONDS,
      membersPerSecond: environment.MEMBERS_PER_SECOND,
      lightSyncsBetween: environment.LIGHT_SYNCS_BETWEEN,
      confirmation: {
        confirmAfterSeconds: environment.CONFIRM_AFTER_SECONDS,
        confirmNotFoundAfterSeconds: environment.CONFIRM_NOT_FOUND_AFTER_SECONDS,
        maximumRetrySeconds: 300,
      },
    },
    replica: { name: environment.REPLICA_NAME ?? `${hostname()}:${process.pid}` },
    given: givenIntegration(environment),
    webhook: webhookAddress(environment),
    api: {
      onboardingTemplateUrl: environment.ORGTRAIL_ONBOARDING_TEMPLATE_URL,
      principalArn: environment.ORGTRAIL_PRINCIPAL_ARN,
    },
  });
  const admin = createAdminServer({
    host: environment.ADMIN_HOST,
    port: environment.ADMIN_PORT,
    checks: { ...checksOf([discovery]), database: () => pool.query('SELECT 1').then(() => undefined), bus: () => bus.ping() },
    metricsHandler: metrics.handler,
  });
  return {
    components: [
      tracing,
      admin,
      discovery,
      createApiServer({
        parts: [api],
        tokens: environment.API_TOKENS,
        logger,
        host: environment.API_HOST,
        port: environment.API_PORT,
      }),
      ...(webhook ? [webhook] : []),
    ],
    logger,
    release: async () => {
      await bus.close();
      await pool.end();
    },
  };
}

/** Only what was set: the rest stays as it was changed through the API. */
function givenIntegration(environment: DiscoveryEnvironment): GivenIntegration | undefined {
  if (environment.ORGTRAIL_INTEGRATION === 'none') return undefined;
  const seconds = environment.FULL_SYNC_INTERVAL_SECONDS;
  const settings: GivenIntegration['settings'] = {
    ...(environment.ORGTRAIL_NAME === undefined ? {} : { name: environment.ORGTRAIL_NAME }),
    ...(environment.ORGTRAIL_ROLE_ARN === undefined ? {} : { roleArn: environment.ORGTRAIL_ROLE_ARN }),
    ...(environment.ORGTRAIL_QUEUE_URL === undefined ? {} : { queueUrl: environment.ORGTRAIL_QUEUE_URL }),
    ...(environment.ORGTRAIL_FORWARDING_ACCOUNT_IDS === undefined
      ? {}
      : { forwardingAccountIds: environment.ORGTRAIL_FORWARDING_ACCOUNT_IDS }),
    ...(environment.CONFIGURE_ORGANIZATION_ACCOUNTS === undefined
      ? {}
      : { configureOrganizationAccounts: environment.CONFIGURE_ORGANIZATION_ACCOUNTS }),
    ...(seconds === undefined ? {} : { syncInterval: seconds === 0 ? ('disabled' as const) : (`${seconds}s` as const) }),
  };
  return { settings, externalId: environment.ORGTRAIL_EXTERNAL_ID };
}
