import type { MemberCause, MemberStatus } from './decision-table.js';

/** What a cause means and what to do about it, in one or two sentences. `docs/members.md` lists them. */
export const causeTexts: Record<MemberCause, string> = {
  ACCOUNT_NOT_ACTIVE: 'AWS has not finished activating the account. It is verified as soon as it is ACTIVE.',
  DELETION_HELD:
    'The account was not found, together with unusually many others. Its ending waits for an operator: see `orgtrail held-deletions`.',
  PLACEMENT_NOT_READ: 'The place of the account in the tree was not read yet, and the lists of organizational units need it.',
  ORGANIZATIONAL_UNIT_NOT_READ:
    'The tags of an organizational unit above the account were not read yet, and one of them may skip it.',
  TAGS_NOT_READ: 'The tags of the account were not read yet (ListTagsForResource), so nobody knows whether it is to be skipped.',
  TAGS_NOT_CONFIRMED: 'The account is new: its tags are read once more before it is configured, since AWS may show them late.',
  NOT_VERIFIED: 'The role of the account has not been verified yet. That happens by itself.',
  ROLE_NOT_CONFIGURED:
    'The integration uses ambient credentials, so there is no role name for its members. Set a role ARN for the integration, or one for this member.',
  TAGGED: 'The account carries the skip tag.',
  TAGGED_BY_INDEX: 'The tag index says that the account carries the skip tag; its tags are being read to be sure.',
  ORGANIZATIONAL_UNIT_TAGGED: 'An organizational unit above the account carries the skip tag.',
  NOT_INCLUDED: 'The account is below none of the organizational units to include.',
  OU_EXCLUDED: 'The account is below an organizational unit to exclude.',
  CLOSURE_PENDING: 'The account is being closed.',
  ROLE_NOT_ASSUMABLE:
    'AWS refused to let us assume the role: it does not exist, its trust policy does not name us, or it demands another external id (AWS does not say which). Create the role with the trust policy of `orgtrail integration trust-policy`.',
  EXTERNAL_ID_NOT_ENFORCED:
    'The role can be assumed without our external id, so others could use it through us. Add the condition StringEquals sts:ExternalId to its trust policy.',
  OLD_EXTERNAL_ID_ACCEPTED:
    'The role still accepts the former external id, whose overlap has ended. Remove it from the trust policy.',
  WRONG_ACCOUNT: 'The role led into another account. Check the role ARN given for this member.',
  WRONG_ORGANIZATION:
    'The account says that it belongs to another organization than the integration. Check the role ARN, and whether the account moved.',
  NOT_IN_ORGANIZATION: 'The account says that it is in no organization. If it left, the next full sync removes it.',
  MISSING_PERMISSION:
    'The role can be assumed but may not call organizations:DescribeOrganization. Add the permissions policy of `orgtrail integration trust-policy`; check service control policies too.',
  REGION_DISABLED:
    'AWS STS is switched off for this Region in the account. Activate it in the account settings of IAM, or use another Region.',
  INVALID_ROLE: 'AWS calls the role ARN or the external id invalid. Check the role ARN given for this member.',
  INTERMEDIATE_ROLE_NOT_ASSUMABLE:
    'The intermediate role of the integration cannot be assumed, so no member can be reached. Check its trust policy and its external id.',
  OWN_CREDENTIALS:
    "Orgtrail's own AWS credentials are missing or expired. This says nothing about the account's role; it is tried again.",
  AWS_THROTTLED: 'AWS asked to slow down. It is tried again.',
  AWS_UNREACHABLE: 'AWS could not be reached. It is tried again.',
  AWS_UNAVAILABLE: 'AWS answered with an error of its own. It is tried again.',
};

/** For a status that has no cause. */
export const statusTexts: Record<MemberStatus, string> = {
  PENDING: 'The member is being configured.',
  CONNECTED: 'The role of the account works, and only with the external id.',
  FAILED: 'The role of the account does not work.',
  SKIPPED: 'The account is skipped.',
  EXCLUDED: 'The account is excluded.',
  SUSPENDED: 'AWS has suspended the account.',
  CLOSED: 'The account is closed.',
  REMOVED: 'The account left the organization.',
  UNKNOWN: 'AWS answered with a state of the account that is not known here, so it is left alone.',
};
