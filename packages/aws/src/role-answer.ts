/** Decided: something in AWS has to be changed. */
export const roleFailures = [
  'ROLE_NOT_ASSUMABLE',
  'EXTERNAL_ID_NOT_ENFORCED',
  'OLD_EXTERNAL_ID_ACCEPTED',
  'WRONG_ACCOUNT',
  'WRONG_ORGANIZATION',
  'NOT_IN_ORGANIZATION',
  'MISSING_PERMISSION',
  'REGION_DISABLED',
  'INVALID_ROLE',
  'INTERMEDIATE_ROLE_NOT_ASSUMABLE',
] as const;
export type RoleFailure = (typeof roleFailures)[number];

/** Undecided: says nothing about the role. */
export const transientFailures = ['OWN_CREDENTIALS', 'AWS_THROTTLED', 'AWS_UNREACHABLE', 'AWS_UNAVAILABLE'] as const;
export type TransientFailure = (typeof transientFailures)[number];

export interface RoleQuestion {
  roleArn: string;
  externalId?: string;
  /** Also accepted, while an external id is being rotated. */
  previousExternalId?: string;
  /** Must be refused: its overlap has ended. */
  retiredExternalId?: string;
  /** Whose role it is expected to be. */
  accountId: string;
  organizationId: string;
  /** Also try without and with a wrong external id, which must fail. Only where there is an external id. */
  negative: boolean;
}

export type RoleAnswer =
  | { outcome: 'verified'; usedPreviousExternalId: boolean; negativeChecked: boolean }
  | { outcome: 'failed'; cause: RoleFailure; detail: string }
  | { outcome: 'undecided'; cause: TransientFailure; detail: string };
