import { InvalidArgumentError, type Command } from 'commander';
import { runUp } from '../up/run-up.js';

interface UpArguments {
  demo?: boolean;
  once?: boolean;
  json?: boolean;
  dataDirectory?: string;
  host: string;
  port: number;
  name: string;
  roleArn?: string;
  externalId?: string;
  queueUrl?: string;
  syncInterval: number;
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
    .option('--host <address>', 'address of /livez, /readyz and /metrics', '127.0.0.1')
    .option('--port <number>', 'port of the same; 0 takes a free one', port, 8080)
    .option('--name <name>', "the integration's name, and the management account's display name", '')
    .option('--role-arn <arn>', 'role of the management account to assume', roleArn)
    .option('--external-id <id>', "external id of the role's trust policy", externalId)
    .option('--queue-url <url>', "SQS queue with the organization's events (without it: full syncs only)", url)
    .option('--sync-interval <seconds>', 'seconds between full syncs; 0 disables the schedule', seconds, 3600)
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
    .option('--every <milliseconds>', 'demo: how often something happens', count, 2000)
    .addHelpText(
      'after',
      `
Environment:
  DATABASE_URL   your PostgreSQL instead of the embedded one
  KAFKA_BROKERS  your Kafka (host:port,…) instead of the bus in the database
  AWS_*          the AWS SDK's own variables, AWS_ENDPOINT_URL included

Examples:
  orgtrail up --demo
  orgtrail up --once --json > organization.json
  orgtrail up --role-arn arn:aws:iam::111122223333:role/orgtrail --external-id …`,
    )
    .action(async (given: UpArguments) => {
      const demo = given.demo === true;
      const databaseUrl = process.env['DATABASE_URL'];
      const kafkaBrokers = process.env['KAFKA_BROKERS'];
      finish(
        await runUp({
          demo,
          once: given.once === true,
          json: given.json === true,
          dataDirectory: given.dataDirectory ?? (demo ? '.orgtrail/demo' : '.orgtrail/up'),
          host: given.host,
          port: given.port,
          name: given.name,
          ...(given.roleArn === undefined ? {} : { roleArn: given.roleArn }),
          ...(given.externalId === undefined ? {} : { externalId: given.externalId }),
          ...(given.queueUrl === undefined ? {} : { queueUrl: given.queueUrl }),
          fullSyncIntervalSeconds: given.syncInterval,
          // The simulator has no other users.
          rateShare: given.rateShare ?? (demo ? 100 : 0.5),
          confirmAfterSeconds: given.confirmAfter,
          confirmNotFoundAfterSeconds: given.confirmNotFoundAfter ?? (demo ? 5 : 30),
          startTimeoutSeconds: given.startTimeout,
          ...(databaseUrl ? { databaseUrl } : {}),
          ...(kafkaBrokers ? { kafkaBrokers: kafkaBrokers.split(',').map((broker) => broker.trim()) } : {}),
          demoSettings: { seed: given.seed, accounts: given.accounts, organizationalUnits: given.ous, everyMs: given.every },
        }),
      );
    });
}

function number(text: string, valid: (value: number) => boolean, expected: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || !valid(value)) throw new InvalidArgumentError(`Expected ${expected}.`);
  return value;
}
const port = (text: string) =>
  number(text, (value) => Number.isInteger(value) && value >= 0 && value <= 65_535, 'a port from 0 to 65535');
const seconds = (text: string) => number(text, (value) => value >= 0, 'seconds, for example 30');
const count = (text: string) => number(text, (value) => Number.isInteger(value) && value >= 0, 'a whole number, 0 or more');
const share = (text: string) => number(text, (value) => value > 0, 'a share above 0, for example 0.5');
const secondsList = (text: string) => text.split(',').map(seconds);

function matching(pattern: RegExp, expected: string): (text: string) => string {
  return (text) => {
    if (!pattern.test(text)) throw new InvalidArgumentError(`Expected ${expected}.`);
    return text;
  };
}
const roleArn = matching(
  /^arn:[a-z0-9-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  'a role ARN such as arn:aws:iam::111122223333:role/orgtrail',
);
const externalId = matching(/^[\w+=,.@:/-]{2,1224}$/, '2 to 1,224 characters out of letters, digits and +=,.@:/-_');
const url = (text: string) => {
  if (!URL.canParse(text))
    throw new InvalidArgumentError('Expected a URL such as https://sqs.us-east-1.amazonaws.com/111122223333/orgtrail-events.');
  return text;
};
