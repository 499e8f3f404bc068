import { discoveryEnvironment, onboardingTemplateUrl, principalArn, webhookAddress, webhookVariables } from '@orgtrail/discovery';
import { graphWriterEnvironment } from '@orgtrail/graph-writer';
import { checkKafka, kafkaVariables } from '@orgtrail/messaging';
import { apiTokens, loadConfig, tracingVariables } from '@orgtrail/service-runtime';
import type { Command } from 'commander';
import { z } from 'zod';
import type { UpOptions } from '../up/options.js';
import { runUp } from '../up/run-up.js';
import { count, externalId, port, roleArn, seconds, secondsList, share, url } from './arguments.js';

interface UpArguments {
  demo?: boolean;
  once?: boolean;
  json?: boolean;
  dataDirectory?: string;
  host: string;
  port: number;
  integration: boolean;
  name?: string;
  roleArn?: string;
  externalId?: string;
  queueUrl?: string;
  syncInterval?: number;
  rateShare?: number;
  confirmAfter: number[];
  confirmNotFoundAfter?: number;
  startTimeout: number;
  seed: number;
  accounts: number;
  ous: number;
  every: number;
}

export function addUpCommand(program: Command, finish: (exitCode: number) => void): void {
  program
    .command('up')
    .description('run all of Orgtrail in one process, on your AWS credentials or on a simulated organization')
    .option('--demo', 'against a simulated organization in which something happens every 2 seconds')
    .option('--once', 'do one full sync, print the result, and end')
    .option('--json', 'with --once: print one JSON document on standard output, and talk on standard error')
    .option('--data-directory <path>', 'where the embedded database lives (default: .orgtrail/demo or .orgtrail/up)')
    .option('--host <address>', 'address of /livez, /readyz, /metrics and the API', '127.0.0.1')
    .option('--port <number>', 'port of the same; 0 takes a free one', port, 8080)
    .option('--no-integration', 'begin without one: create it with `orgtrail integration create`')
    .option('--name <name>', "the integration's name, and the management account's display name")
    .option('--role-arn <arn>', 'role of the management account to assume', roleArn)
    .option('--external-id <id>', "external id of the role's trust policy", externalId)
    .option(
      '--queue-url <url>',
      "SQS queue with the organization's events (without it changes come by webhook, or syncs find them)",
      url,
    )
    .option('--sync-interval <seconds>', 'seconds between full syncs (at first 3600); 0 disables the schedule', seconds)
    .option(
      '--rate-share <share>',
      'share of the published AWS rates to use (default 0.5; more only on a loopback endpoint)',
      share,
    )
    .option('--confirm-after <seconds,…>', 'when the parts that an event touched are read again', secondsList, [30, 300])
    .option(
      '--confirm-not-found-after <seconds>',
      'wait between two not-founds that end a live account (default 30; demo 5)',
      seconds,
    )
    .option('--start-timeout <seconds>', 'how long to wait for Kafka and PostgreSQL at start', seconds, 60)
    .option('--seed <number>', 'demo: same seed, same organization', count, 1)
    .option('--accounts <number>', 'demo: how many accounts', count, 60)
    .option('--ous <number>', 'demo: how many organizational units', count, 14)
    .option('--every <milliseconds>', 'demo: how often something happens; 0: nothing happens by itself', count, 2000)
    .addHelpText(
      'after',
      `
Environment:
  DATABASE_URL   your PostgreSQL instead of the embedded one
  API_TOKENS     who may use the API: name:role:token, comma-separated (without: this machine only)
  ORGTRAIL_ONBOARDING_TEMPLATE_URL  where orgtrail-management.yaml lies in S3, for a link that opens the console
  ORGTRAIL_PRINCIPAL_ARN  the role or user that this runs as, with its path, for the trust policies that are handed out
  LIGHT_SYNCS_BETWEEN  light syncs between two full ones (default 3; 0: none)
  HISTORY_MONTHS  months of history that are kept whole before this one; older ones are deleted but for their last state (without: all is kept)
  WEBHOOK_PORT, WEBHOOK_HOST  where EventBridge may post events (without a port: nowhere)
  KAFKA_BROKERS  your Kafka (host:port,…) instead of the bus in the database; KAFKA_TLS…, KAFKA_SASL… as for the services
  OTEL_EXPORTER_OTLP_ENDPOINT  a collector of OpenTelemetry, for traces; further OTEL_… as for the services
  AWS_*          the AWS SDK's own variables, AWS_ENDPOINT_URL included

Examples:
  orgtrail up --demo
  orgtrail up --once --json > organization.json
  orgtrail up --role-arn arn:aws:iam::111122223333:role/orgtrail --external-id …`,
    )
    .action(async (given: UpArguments) => {
      const demo = given.demo === true;
      const databaseUrl = process.env['DATABASE_URL'];
      finish(
        await runUp({
          demo,
          once: given.once === true,
          json: given.json === true,
          dataDirectory: given.dataDirectory ?? (demo ? '.orgtrail/demo' : '.orgtrail/up'),
          host: given.host,
          port: given.port,
          integration: given.integration,
          ...(given.name === undefined ? {} : { name: given.name }),
          ...(given.roleArn === undefined ? {} : { roleArn: given.roleArn }),
          ...(given.externalId === undefined ? {} : { externalId: given.externalId }),
          ...(given.queueUrl === undefined ? {} : { queueUrl: given.queueUrl }),
          ...(given.syncInterval === undefined ? {} : { fullSyncIntervalSeconds: given.syncInterval }),
          lightSyncsBetween: loadConfig(
            z.object({ LIGHT_SYNCS_BETWEEN: discoveryEnvironment.shape.LIGHT_SYNCS_BETWEEN }),
            process.env,
          ).LIGHT_SYNCS_BETWEEN,
          historyMonths: loadConfig(z.object({ HISTORY_MONTHS: graphWriterEnvironment.shape.HISTORY_MONTHS }), process.env)
            .HISTORY_MONTHS,
          // The simulator has no other users.
          rateShare: given.rateShare ?? (demo ? 100 : 0.5),
          confirmAfterSeconds: given.confirmAfter,
          confirmNotFoundAfterSeconds: given.confirmNotFoundAfter ?? (demo ? 5 : 30),
          startTimeoutSeconds: given.startTimeout,
          apiTokens: loadConfig(z.object({ API_TOKENS: apiTokens }), process.env).API_TOKENS,
          webhook: webhookAddress(loadConfig(z.object(webhookVariables), process.env)),
          ...loadOnboarding(),
          ...(databaseUrl ? { databaseUrl } : {}),
          kafka: loadConfig(z.object(kafkaVariables).superRefine(checkKafka), process.env),
          tracing: loadConfig(z.object(tracingVariables), process.env),
          demoSettings: { seed: given.seed, accounts: given.accounts, organizationalUnits: given.ous, everyMs: given.every },
        }),
      );
    });
}

/** What the four ways to connect an organization are told by the environment. */
function loadOnboarding(): Pick<UpOptions, 'onboardingTemplateUrl' | 'principalArn'> {
  const environment = loadConfig(
    z.object({
      ORGTRAIL_ONBOARDING_TEMPLATE_URL: onboardingTemplateUrl.optional(),
      ORGTRAIL_PRINCIPAL_ARN: principalArn.optional(),
    }),
    process.env,
  );
  return {
    onboardingTemplateUrl: environment.ORGTRAIL_ONBOARDING_TEMPLATE_URL,
    principalArn: environment.ORGTRAIL_PRINCIPAL_ARN,
  };
}
