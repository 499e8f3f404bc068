import { z } from 'zod';

/** Answers of the API, as far as commands look at them. What is not named here passes through to `--json`. */

const changedBy = z.looseObject({
  principalArn: z.string().optional(),
  eventName: z.string().optional(),
  eventTime: z.string().optional(),
});
const path = z.array(z.object({ id: z.string(), name: z.string() }));

const syncProgress = z.object({
  kind: z.string(),
  startedAt: z.string(),
  accounts: z.number(),
  of: z.number().optional(),
  organizationalUnits: z.number(),
  ofOrganizationalUnits: z.number().optional(),
  secondsLeft: z.number().optional(),
});
export type SyncProgressShape = z.infer<typeof syncProgress>;

export const integration = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  state: z.string(),
  condition: z.looseObject({ code: z.string(), cause: z.string().optional(), message: z.string(), since: z.string() }),
  organizationId: z.string().optional(),
  managementAccountId: z.string().optional(),
  partition: z.string().optional(),
  roleArn: z.string().nullable(),
  queueUrl: z.string().nullable().optional(),
  forwardingAccountIds: z.array(z.string()).optional(),
  externalId: z.string().optional(),
  previousExternalId: z.object({ validUntil: z.string() }).optional(),
  configureOrganizationAccounts: z.boolean(),
  syncInterval: z.string(),
  lastFullSyncAt: z.string().optional(),
  /** While it has a secret for its webhook. */
  webhook: z.looseObject({ since: z.string() }).optional(),
  lastLightSyncAt: z.string().optional(),
  sync: z.looseObject({ running: syncProgress.optional() }).optional(),
  /** What is asked for and not read yet. Of one integration, not of a list. */
  backlog: z.looseObject({ due: z.number(), waiting: z.number(), stuck: z.number(), expectedSeconds: z.number() }).optional(),
});
export type IntegrationShape = z.infer<typeof integration>;

/** Shown once. */
export const webhookSecret = z.looseObject({
  secret: z.string(),
  path: z.string(),
  header: z.string(),
  /** Absent: of a version that does not say. */
  isListening: z.boolean().optional(),
  previousValidUntil: z.string().optional(),
});
export type WebhookSecretShape = z.infer<typeof webhookSecret>;
export const integrationList = z.object({ integrations: z.array(integration) });

export const member = z.looseObject({
  accountId: z.string(),
  name: z.string(),
  status: z.string(),
  cause: z.string().optional(),
  reason: z.string(),
  since: z.string(),
  warnings: z.array(z.string()),
  changedBy: changedBy.optional(),
  roleArn: z.string().optional(),
  roleOverridden: z.boolean(),
  path,
  lastVerifiedAt: z.string().optional(),
  lastNegativeCheckAt: z.string().optional(),
  nextVerificationAt: z.string().optional(),
  lastError: z.string().optional(),
});
export type MemberShape = z.infer<typeof member>;
export const memberList = z.object({ members: z.array(member) });
export const memberWithHistory = member.extend({
  history: z.array(
    z.looseObject({
      at: z.string(),
      from: z.string().optional(),
      to: z.string(),
      cause: z.string().optional(),
      reason: z.string(),
      changedBy: changedBy.optional(),
    }),
  ),
});
export type MemberWithHistory = z.infer<typeof memberWithHistory>;

const configuration = z.looseObject({
  accountId: z.string(),
  name: z.string(),
  status: z.string(),
  cause: z.string().optional(),
  since: z.string().optional(),
  assets: z.number(),
  path,
  lastFullSyncAt: z.string().optional(),
});
export type ConfigurationShape = z.infer<typeof configuration>;
export const configurationList = z.object({
  management: configuration,
  children: z.array(configuration),
  assets: z.number(),
});
export type ConfigurationList = z.infer<typeof configurationList>;

export const trustPolicy = z.looseObject({ roleName: z.string(), trustedPrincipal: z.string(), policy: z.looseObject({}) });

const heldDeletion = z.looseObject({
  subject: z.string(),
  name: z.string().optional(),
  heldAt: z.string(),
  approvedAt: z.string().optional(),
  approvedBy: z.string().optional(),
});
export type HeldDeletionShape = z.infer<typeof heldDeletion>;
export const heldDeletionList = z.object({ heldDeletions: z.array(heldDeletion) });
export const approvedDeletions = z.object({ approved: z.array(z.string()), notHeld: z.array(z.string()) });
export const discardedDeletions = z.object({
  discarded: z.array(z.string()),
  approvalsTakenBack: z.array(z.object({ subject: z.string(), approvedBy: z.string() })).default([]),
  notHeld: z.array(z.string()),
});

export const onboardingWays = ['cloudformation', 'console', 'cli', 'terraform'] as const;
export const onboarding = z.looseObject({
  way: z.string(),
  text: z.string(),
  link: z.string().optional(),
  files: z.array(z.looseObject({ name: z.string(), content: z.string(), executable: z.boolean().optional() })),
});
export type OnboardingShape = z.infer<typeof onboarding>;

export const problem = z.looseObject({
  status: z.number(),
  title: z.string(),
  detail: z.string().optional(),
  problems: z.array(z.looseObject({ field: z.string(), problem: z.string(), example: z.unknown().optional() })).optional(),
});
