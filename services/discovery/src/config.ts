import { z } from 'zod';

const seconds = (minimum: number, fallback: number) => z.coerce.number().int().min(minimum).default(fallback);
const accountIds = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== ''),
  )
  .pipe(z.array(z.string().regex(/^\d{12}$/, 'an account id has 12 digits, for example 111122223333')));

/** Discovery's environment. One integration, until integrations are kept in the database. */
export const discoveryEnvironment = z.object({
  DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('PostgreSQL, for example postgres://user:password@host:5432/orgtrail'),
  KAFKA_BROKERS: z.string().optional().describe('Comma-separated host:port. Absent: the bus runs in the database'),
  ADMIN_HOST: z.string().default('0.0.0.0').describe('Address of /livez, /readyz and /metrics'),
  ADMIN_PORT: z.coerce.number().int().min(0).max(65535).default(8081).describe('Port of the same'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  START_TIMEOUT_SECONDS: seconds(1, 60).describe('How long to wait for Kafka and PostgreSQL at start before giving up (exit 69)'),
  ORGTRAIL_NAME: z
    .string()
    .max(128)
    .default('')
    .describe("The integration's name, and then the management account's display name. Absent: the account's own name"),
  ORGTRAIL_ROLE_ARN: z
    .string()
    .regex(/^arn:[a-z0-9-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'a role ARN looks like arn:aws:iam::111122223333:role/orgtrail')
    .optional()
    .describe('Role of the management account to assume. Absent: the ambient credentials are used'),
  ORGTRAIL_EXTERNAL_ID: z
    .string()
    .regex(/^[\w+=,.@:/-]{2,1224}$/, 'an external id has 2 to 1,224 characters out of letters, digits and +=,.@:/-_')
    .optional()
    .describe("External id of the role's trust policy"),
  ORGTRAIL_QUEUE_URL: z.url().optional().describe("SQS queue with the organization's events. Absent: full syncs only"),
  ORGTRAIL_FORWARDING_ACCOUNT_IDS: accountIds.describe('Other accounts whose event envelopes count, comma-separated'),
  CONFIGURE_ORGANIZATION_ACCOUNTS: z.stringbool().default(true).describe('Off: no e-mail address leaves discovery'),
  FULL_SYNC_INTERVAL_SECONDS: seconds(0, 3600).describe('Seconds between full syncs; 0 disables the schedule'),
  AWS_RATE_SHARE: z.coerce
    .number()
    .positive()
    .default(0.5)
    .describe('Share of the published AWS rates to use; above 0.5 only on a loopback endpoint'),
  CONFIRM_AFTER_SECONDS: z
    .string()
    .default('30,300')
    .transform((text) => text.split(',').map(Number))
    .pipe(z.array(z.number('seconds, for example 30,300').positive()))
    .describe('When the parts that an event touched are read again'),
  CONFIRM_NOT_FOUND_AFTER_SECONDS: z.coerce
    .number()
    .positive()
    .default(30)
    .describe('Wait between two not-founds that end a live subject without a departure event'),
  MISSED_CHANGE_WINDOW_SECONDS: seconds(1, 900).describe('How late an event may be before a found change counts as missed'),
});

export type DiscoveryEnvironment = z.infer<typeof discoveryEnvironment>;
