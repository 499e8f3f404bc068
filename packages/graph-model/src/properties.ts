import type { EntityKind, RelationshipKind } from './vocabulary.js';

/** How a property looks in JSON. A `time` is a number: epoch milliseconds. */
export type PropertyType = 'text' | 'boolean' | 'time' | 'texts';

export interface Property {
  type: PropertyType;
  description: string;
  /** The operation of AWS and the field of its answer; else what of Orgtrail says it. */
  source: string;
  /** Why it may be absent. Without it the property is always there. */
  absent?: string;
  /** Null is one of its values. */
  nullable?: true;
}

const organizationId: Property = {
  type: 'text',
  description: 'The organization, `o-…`',
  source: '`DescribeOrganization` `Organization.Id`',
};
const ofMember = { source: 'Orgtrail: the member configuration', absent: 'the account is no member' } as const;
const vendorName = '`Amazon Web Services`';
const ofHandshake = (field: string): string => `\`ListHandshakesForOrganization\` \`Handshakes[].${field}\``;
const ofRoot = (field: string): string => `\`ListRoots\` \`Roots[].${field}\``;
const ofUnit = (field: string): string =>
  `\`ListOrganizationalUnitsForParent\` \`OrganizationalUnits[].${field}\`, \`DescribeOrganizationalUnit\``;
const ofAccount = (field: string): string => `\`ListAccounts\` \`Accounts[].${field}\`, \`DescribeAccount\``;

const placement = (parents: string) =>
  ({
    parentId: {
      type: 'text',
      description: 'The root or the organizational unit that it hangs below',
      source: parents,
      absent: 'placement was never read',
    },
    pathIds: {
      type: 'texts',
      description: 'Ids from the root to the parent',
      source: 'the same',
      absent: 'placement was never read',
    },
    placementKnown: { type: 'boolean', description: 'False while placement was never read', source: 'Orgtrail: what was read' },
  }) as const satisfies Record<string, Property>;
const tags = {
  tagsKnown: {
    type: 'boolean',
    description: 'False while tags were never read: unread is not empty',
    source: 'Orgtrail: what was read',
  },
  tagsFromIndex: {
    type: 'boolean',
    description: 'True when only the bulk tag index said so',
    source: 'Orgtrail: `GetResources` instead of `ListTagsForResource`',
    absent: 'tags were read one by one, or never',
  },
} as const satisfies Record<string, Property>;

/** The properties of each entity. Besides these there are only those of `propertyFamilies`. */
export const properties: Record<EntityKind, Record<string, Property>> = {
  organization: {
    id: organizationId,
    name: { ...organizationId, description: 'The same' },
    arn: { type: 'text', description: 'ARN of the organization', source: '`DescribeOrganization` `Organization.Arn`' },
    featureSet: {
      type: 'text',
      description: '`ALL` or `CONSOLIDATED_BILLING`',
      source: '`DescribeOrganization` `Organization.FeatureSet`',
      absent: 'AWS did not say',
    },
    managementAccountId: {
      type: 'text',
      description: '12 digits',
      source: '`DescribeOrganization` `Organization.MasterAccountId`',
    },
    managementAccountEmail: {
      type: 'text',
      description: 'Address of the management account',
      source: '`DescribeOrganization` `Organization.MasterAccountEmail`',
      absent: 'addresses are withheld',
    },
    partition: {
      type: 'text',
      description: '`aws`, `aws-us-gov`, `aws-cn`, …',
      source: '`DescribeOrganization` `Organization.Arn`',
    },
  },
  root: {
    id: { type: 'text', description: '`r-…`', source: ofRoot('Id') },
    name: { type: 'text', description: 'As AWS has it', source: ofRoot('Name') },
    arn: { type: 'text', description: 'ARN of the root', source: ofRoot('Arn') },
    organizationId,
    ...tags,
  },
  organizationalUnit: {
    id: { type: 'text', description: '`ou-…`', source: ofUnit('Id') },
    name: { type: 'text', description: 'As AWS has it', source: ofUnit('Name') },
    arn: { type: 'text', description: 'ARN of the organizational unit', source: ofUnit('Arn') },
    organizationId,
    ...placement(
      'the parent that `ListOrganizationalUnitsForParent` was asked for, else `OrganizationalUnit.Path`, else `ListParents`',
    ),
    ...tags,
  },
  account: {
    accountId: { type: 'text', description: '12 digits, leading zeros kept', source: ofAccount('Id') },
    id: { type: 'text', description: 'The same', source: ofAccount('Id') },
    active: {
      type: 'boolean',
      description: 'True for `ACTIVE`, false for the other states of AWS, null when the state is unknown',
      source: ofAccount('State'),
      nullable: true,
    },
    arn: {
      type: 'text',
      description: 'The key: `arn:<partition>:iam::<id>:root`',
      source: `${ofAccount('Id')}, and the partition`,
    },
    orgAccountArn: { type: 'text', description: 'ARN of the account in AWS Organizations', source: ofAccount('Arn') },
    name: { type: 'text', description: 'As AWS Organizations has it', source: ofAccount('Name') },
    orgAccountName: { type: 'text', description: 'The same', source: ofAccount('Name') },
    displayName: {
      type: 'text',
      description: 'The name typed in the configuration (management account only), else `name`',
      source: `the integration's name, else ${ofAccount('Name')}`,
    },
    email: { type: 'text', description: 'Address of the account', source: ofAccount('Email'), absent: 'addresses are withheld' },
    joinedMethod: {
      type: 'text',
      description: '`INVITED` or `CREATED`',
      source: ofAccount('JoinedMethod'),
      absent: 'AWS did not say',
    },
    joinedOn: {
      type: 'time',
      description: 'When it joined the organization',
      source: ofAccount('JoinedTimestamp'),
      absent: 'AWS did not say',
    },
    status: {
      type: 'text',
      description: '`State` as AWS has it, else the retired `Status`, else `UNKNOWN`',
      source: `${ofAccount('State')}, else \`Status\``,
    },
    displayNames: { type: 'texts', description: 'All distinct names', source: '`displayName` and `name`' },
    master: {
      type: 'boolean',
      description: 'True for the management account',
      source: '`DescribeOrganization` `Organization.MasterAccountId`',
    },
    vendor: { type: 'text', description: vendorName, source: 'always the same' },
    organizationId,
    ...placement('`ListAccounts` `Accounts[].Paths`, `DescribeAccount`; else `ListAccountsForParent`, `ListParents`'),
    placementProblem: {
      type: 'texts',
      description: 'The paths, where AWS gave more than one',
      source: ofAccount('Paths'),
      absent: 'there is no problem',
    },
    ...tags,
    memberStatus: {
      ...ofMember,
      type: 'text',
      description: '`PENDING`, `CONNECTED`, `FAILED`, `SKIPPED`, `EXCLUDED`, `SUSPENDED`, `CLOSED`, `REMOVED` or `UNKNOWN`',
    },
    memberCause: { ...ofMember, type: 'text', description: 'The code of the reason', absent: 'the status says it all' },
    memberReason: { ...ofMember, type: 'text', description: 'Why, and what to do, in a sentence' },
    memberSince: { ...ofMember, type: 'time', description: 'Since when status and cause are as they are' },
    memberRoleArn: { ...ofMember, type: 'text', description: 'The role that is assumed in the account', absent: 'there is none' },
    memberWarnings: { ...ofMember, type: 'texts', description: 'What looks wrong and is no failure', absent: 'nothing does' },
    memberChangedBy: {
      type: 'text',
      description: 'ARN of the principal whose action led to the status',
      source: 'CloudTrail `userIdentity.arn` of the event',
      absent: 'no event says who it was',
    },
  },
  handshake: {
    id: { type: 'text', description: '`h-…`', source: ofHandshake('Id') },
    name: { type: 'text', description: 'The same', source: ofHandshake('Id') },
    arn: { type: 'text', description: 'ARN of the handshake', source: ofHandshake('Arn') },
    action: { type: 'text', description: 'For example `INVITE`', source: ofHandshake('Action'), absent: 'AWS did not say' },
    status: {
      type: 'text',
      description: '`REQUESTED`, `OPEN`, `CANCELED`, `ACCEPTED`, `DECLINED` or `EXPIRED`',
      source: ofHandshake('State'),
      absent: 'AWS did not say',
    },
    requestedOn: {
      type: 'time',
      description: 'When it was sent',
      source: ofHandshake('RequestedTimestamp'),
      absent: 'AWS did not say',
    },
    expiresOn: {
      type: 'time',
      description: 'Until when it can be answered',
      source: ofHandshake('ExpirationTimestamp'),
      absent: 'AWS did not say',
    },
    invitedAccountId: {
      type: 'text',
      description: '12 digits',
      source: `${ofHandshake('Parties[]')} of type \`ACCOUNT\``,
      absent: 'it was invited by address',
    },
    email: {
      type: 'text',
      description: 'The invited address',
      source: `${ofHandshake('Parties[]')} of type \`EMAIL\``,
      absent: 'it was invited by id, or addresses are withheld',
    },
    organizationId,
  },
};

/** Properties whose names end in a key of AWS or of the configuration. Their values are text. */
export const propertyFamilies: readonly { prefix: string; of: readonly EntityKind[]; description: string; source: string }[] = [
  {
    prefix: 'tag.',
    of: ['root', 'organizationalUnit', 'account'],
    description: 'A tag, with its value exactly as AWS has it, or one of the configuration',
    source: '`ListTagsForResource` `Tags[]`, else `GetResources` `ResourceTagMappingList[].Tags[]`',
  },
  {
    prefix: 'tag.',
    of: ['organization', 'handshake'],
    description: 'A tag of the configuration',
    source: "the integration's settings",
  },
  {
    prefix: 'policyType.',
    of: ['root'],
    description: 'The status of a policy type, for example `ENABLED`',
    source: ofRoot('PolicyTypes[]'),
  },
];

/** The properties of relationships; those of other kinds have none. */
export const relationshipProperties: Partial<Record<RelationshipKind, Record<string, Property>>> = {
  accountManagesOrganization: {
    servicePrincipal: {
      type: 'text',
      description: 'The service, for example `guardduty.amazonaws.com`',
      source: '`ListDelegatedServicesForAccount` `DelegatedServices[].ServicePrincipal`',
    },
    delegationEnabledOn: {
      type: 'time',
      description: 'Since when the account acts for the service',
      source: '`ListDelegatedServicesForAccount` `DelegatedServices[].DelegationEnabledDate`',
      absent: 'AWS did not say',
    },
  },
};

/** Properties that hold an e-mail address, of whichever entity. A tag of that name is a tag. */
export const emailProperties = ['email', 'managementAccountEmail'] as const;
