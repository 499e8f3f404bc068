import { checkKafka, kafkaVariables } from '@orgtrail/messaging';
import { apiTokens, tracingVariables } from '@orgtrail/service-runtime';
import { z } from 'zod';
import { externalId, integrationSettings, roleArnPattern } from './integrations/settings.js';
import { onboardingTemplateUrl } from './onboarding/template-url.js';
import { principalArn } from './onboarding/trusted-principal.js';
import { webhookVariables } from './webhook/webhook-environment.js';

const seconds = (minimum: number, fallback: number) => z.coerce.number().int().min(minimum).default(fallback);
const printableName = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'visible characters, for example discovery-0');
/** Read by packages/aws, beside the SDK's own variables. */
const profile = (partition: string) =>
  z
    .string()
    .optional()
    .describe(
      `Profile of the shared AWS files (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE) whose credentials are used for integrations in partition \`${partition}\`. Absent: the usual credentials, where AWS_REGION is in that partition`,
    );
const accountIds = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((id) => id.trim())
      .filter((id) => id !== ''),
  )
  .pipe(z.array(z.string().regex(/^\d{12}$/, 'an account id has 12 digits, for example 111122223333')));

/** Discovery's environment: how the process works, and optionally one integration. The others are made through the API. */
export const discoveryEnvironment = z
  .object({
    DATABASE_URL: z
      .url({ protocol: /^postgres(ql)?$/ })
      .describe('PostgreSQL, for example postgres://user:password@host:5432/orgtrail'),
    ...kafkaVariables,
    ADMIN_HOST: z.string().default('0.0.0.0').describe('Address of /livez, /readyz and /metrics'),
    ADMIN_PORT: z.coerce.number().int().min(0).max(65535).default(8081).describe('Port of the same'),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
    START_TIMEOUT_SECONDS: seconds(1, 60).describe(
      'How long to wait for Kafka and PostgreSQL at start before giving up (exit 69)',
    ),
    ...tracingVariables,
    REPLICA_NAME: printableName
      .optional()
      .describe(
        'Name of this replica among those that share the integrations, each its own. A process that starts takes over at once what an earlier one of its name held. Absent: the host name and the process id',
      ),
    API_HOST: z
      .string()
      .default('127.0.0.1')
      .describe('Address of the administration API. Another one than a loopback address needs API_TOKENS'),
    API_PORT: z.coerce.number().int().min(0).max(65535).default(8085).describe('Port of the same'),
    API_TOKENS: apiTokens.describe(
      'Who may use the API: `name:role:token`, one per line or comma-separated; role `reader` or `admin`, token of at least 32 characters. A secret: better as API_TOKENS_FILE',
    ),
    ...webhookVariables,
    ORGTRAIL_INTEGRATION: z
      .enum(['environment', 'none'])
      .default('environment')
      .describe(
        '`environment`: one integration from the variables below; what is set here replaces what was changed through the API. `none`: only those made through the API',
      ),
    ORGTRAIL_NAME: integrationSettings.shape.name
      .unwrap()
      .optional()
      .describe("The integration's name, and then the management account's display name. Absent: the account's own name"),
    ORGTRAIL_ROLE_ARN: z
      .string()
      .regex(roleArnPattern, 'a role ARN looks like arn:aws:iam::111122223333:role/orgtrail')
      .optional()
      .describe('Role of the management account to assume. Absent: the ambient credentials are used'),
    ORGTRAIL_EXTERNAL_ID: externalId.optional().describe("External id of the role's trust policy"),
    ORGTRAIL_QUEUE_URL: z
      .url()
      .optional()
      .describe("SQS queue with the organization's events. Absent: changes come by webhook, or syncs find them"),
    ORGTRAIL_FORWARDING_ACCOUNT_IDS: accountIds
      .optional()
      .describe('Other accounts whose event envelopes count, comma-separated'),
    ORGTRAIL_PRINCIPAL_ARN: principalArn
      .optional()
      .describe(
        "The role or user that discovery runs as, with its path, for the trust policies that it hands out. Absent: what AWS says; for a session (workload identity, an instance role) that is the account's root, since AWS does not tell the role's path",
      ),
    ORGTRAIL_AWS_PROFILE_AWS: profile('aws'),
    ORGTRAIL_AWS_PROFILE_AWS_US_GOV: profile('aws-us-gov'),
    ORGTRAIL_AWS_PROFILE_AWS_CN: profile('aws-cn'),
    ORGTRAIL_ONBOARDING_TEMPLATE_URL: onboardingTemplateUrl
      .optional()
      .describe(
        'Where orgtrail-management.yaml lies in S3, with orgtrail-members.yaml beside it. Absent: onboarding prints no link that opens the console, but the commands',
      ),
    CONFIGURE_ORGANIZATION_ACCOUNTS: z
      .stringbool()
      .optional()
      .describe('Whether members are configured by themselves (by default they are). Off: no e-mail address leaves discovery'),
    FULL_SYNC_INTERVAL_SECONDS: z.coerce
      .number()
      .int()
      .min(0)
      .optional()
      .describe('Seconds between full syncs (by default 3600); 0 disables the schedule'),
    LIGHT_SYNCS_BETWEEN: z.coerce
      .number()
      .int()
      .min(0)
      .max(100)
      .default(3)
      .describe('Light syncs (accounts and bulk tags only) between two full ones, evenly spread; 0: none'),
    MEMBERS_PER_SECOND: z.coerce
      .number()
      .positive()
      .default(20)
      .describe("Members' roles verified a second, over all replicas; above 20 only on a loopback endpoint"),
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
  })
  .superRefine(checkKafka);

export type DiscoveryEnvironment = z.infer<typeof discoveryEnvironment>;
