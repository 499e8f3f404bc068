import { randomBytes } from 'node:crypto';
import { z } from 'zod';

/** How often a full sync runs. */
export const syncIntervals = {
  disabled: undefined,
  '30m': 30 * 60,
  '1h': 3600,
  '4h': 4 * 3600,
  '8h': 8 * 3600,
  '12h': 12 * 3600,
  '1d': 24 * 3600,
  '1w': 7 * 24 * 3600,
} as const satisfies Record<string, number | undefined>;

/** IAM role ARN, with or without a path: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
export const roleArnPattern = /^arn:[a-z0-9-]+:iam::\d{12}:role\/(?:[\x21-\x7e]{1,510}\/)?[\w+=,.@-]{1,64}$/;
/** STS AssumeRole, parameter ExternalId. */
const externalIdPattern = /^[\w+=,.@:/-]{2,1224}$/;

const roleArn = z
  .string()
  .regex(roleArnPattern, 'not an IAM role ARN; a right one is arn:aws:iam::111122223333:role/security/orgtrail');
export const externalId = z
  .string()
  .regex(
    externalIdPattern,
    'an external id has 2 to 1,224 characters out of letters, digits and _+=,.@:/-, for example orgtrail-7f3a9c21d5',
  );
const nodeIds = z
  .array(
    z
      .string()
      .regex(
        /^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})$/,
        'not the id of an organizational unit or a root; a right one is ou-ab12-11112222',
      ),
  )
  .max(1000, 'at most 1,000 organizational units');
const accountIds = z
  .array(z.string().regex(/^\d{12}$/, 'an account id has 12 digits, for example 111122223333'))
  .max(100, 'at most 100 accounts');

const printableText = (maximum: number) =>
  z
    .string()
    .max(maximum, `at most ${maximum} characters, for example "Production organization"`)
    .regex(/^[^\p{Cc}]*$/u, 'no control characters, for example "Production organization"');

/** Every setting of an integration that people give, with its default. */
export const integrationSettings = z.strictObject({
  name: printableText(128).trim().default(''),
  description: printableText(1024).default(''),
  roleArn: roleArn.nullable().default(null),
  intermediateRole: z.strictObject({ roleArn, externalId: externalId.optional() }).nullable().default(null),
  configureOrganizationAccounts: z.boolean('true or false').default(true),
  removeDepartedAccounts: z.boolean('true or false').default(true),
  syncInterval: z
    .union([z.enum(Object.keys(syncIntervals) as [keyof typeof syncIntervals]), z.templateLiteral([z.int().min(1), 's'])], {
      error: `one of ${Object.keys(syncIntervals).join(', ')}; for example 4h`,
    })
    .default('1h'),
  tagWithAccountName: z.boolean('true or false').default(false),
  tagAsProduction: z.boolean('true or false').default(false),
  skipTag: z
    .strictObject({
      key: z
        .string()
        .min(1)
        .max(128)
        .refine((key) => !/^aws:/i.test(key), 'keys that begin with aws: belong to AWS; a right one is j1-integration'),
      value: z.string().trim().min(1, 'a value is needed, for example SKIP').max(256),
    })
    .default({ key: 'j1-integration', value: 'SKIP' }),
  skipOrganizationalUnits: z.boolean('true or false').default(false),
  includeOrganizationalUnits: nodeIds.default([]),
  excludeOrganizationalUnits: nodeIds.default([]),
  holdDeletionsAbove: z
    .strictObject({
      accounts: z.int('a whole number, for example 3').min(0).max(100_000),
      percent: z.number('a percentage, for example 5').min(0).max(100),
    })
    .default({ accounts: 3, percent: 5 }),
  negativeCheckDays: z.int('a whole number of days, for example 30').min(1).max(365).default(30),
  queueUrl: z
    .url({
      protocol: /^https?$/,
      error: 'not a queue URL; a right one is https://sqs.us-east-1.amazonaws.com/111122223333/orgtrail',
    })
    .nullable()
    .default(null),
  forwardingAccountIds: accountIds.default([]),
});

export type IntegrationSettings = z.infer<typeof integrationSettings>;

/** Seconds between full syncs; undefined: no schedule. */
export function syncIntervalSeconds({ syncInterval }: Pick<IntegrationSettings, 'syncInterval'>): number | undefined {
  return syncInterval in syncIntervals
    ? syncIntervals[syncInterval as keyof typeof syncIntervals]
    : Number(syncInterval.slice(0, -1));
}

/** 128 random bits: nobody can guess another integration's. */
export function generateExternalId(): string {
  return `orgtrail-${randomBytes(16).toString('hex')}`;
}
