import type { EntityKind } from './vocabulary.js';

/** How a property looks in JSON. A `time` is a number: epoch milliseconds. */
export type PropertyType = 'text' | 'boolean' | 'time' | 'texts';

export interface Property {
  type: PropertyType;
  description: string;
  /** Why it may be absent. Without it the property is always there. */
  absent?: string;
  /** Null is one of its values. */
  nullable?: true;
}

const id = (what: string): Property => ({ type: 'text', description: what });
const organizationId = id('The organization, `o-…`');
const placement = {
  parentId: {
    type: 'text',
    description: 'The root or the organizational unit that it hangs below',
    absent: 'placement was never read',
  },
  pathIds: { type: 'texts', description: 'Ids from the root to the parent', absent: 'placement was never read' },
  placementKnown: { type: 'boolean', description: 'False while placement was never read' },
} as const satisfies Record<string, Property>;
const tags = {
  tagsKnown: { type: 'boolean', description: 'False while tags were never read: unread is not empty' },
  tagsFromIndex: {
    type: 'boolean',
    description: 'True when only the bulk tag index said so',
    absent: 'tags were read one by one, or never',
  },
} as const satisfies Record<string, Property>;

/** The properties of each entity. Besides these there are only those of `propertyFamilies`. */
export const properties: Record<EntityKind, Record<string, Property>> = {
  organization: {
    id: organizationId,
    name: id('The same'),
    arn: { type: 'text', description: 'ARN of the organization' },
    featureSet: { type: 'text', description: '`ALL` or `CONSOLIDATED_BILLING`', absent: 'AWS did not say' },
    managementAccountId: id('12 digits'),
    managementAccountEmail: { type: 'text', description: 'Address of the management account', absent: 'addresses are withheld' },
    partition: { type: 'text', description: '`aws`, `aws-us-gov`, `aws-cn`, …' },
  },
  root: {
    id: id('`r-…`'),
    name: { type: 'text', description: 'As AWS has it' },
    arn: { type: 'text', description: 'ARN of the root' },
    organizationId,
    ...tags,
  },
  organizationalUnit: {
    id: id('`ou-…`'),
    name: { type: 'text', description: 'As AWS has it' },
    arn: { type: 'text', description: 'ARN of the organizational unit' },
    organizationId,
    ...placement,
    ...tags,
  },
  account: {
    accountId: id('12 digits, leading zeros kept'),
    id: id('The same'),
    active: {
      type: 'boolean',
      description: 'True for `ACTIVE`, false for the other states of AWS, null when the state is unknown',
      nullable: true,
    },
    arn: { type: 'text', description: 'The key: `arn:<partition>:iam::<id>:root`' },
    orgAccountArn: { type: 'text', description: 'ARN of the account in AWS Organizations' },
    name: { type: 'text', description: 'As AWS Organizations has it' },
    orgAccountName: { type: 'text', description: 'The same' },
    displayName: { type: 'text', description: 'The name typed in the configuration (management account only), else `name`' },
    email: { type: 'text', description: 'Address of the account', absent: 'addresses are withheld' },
    joinedMethod: { type: 'text', description: '`INVITED` or `CREATED`', absent: 'AWS did not say' },
    joinedOn: { type: 'time', description: 'When it joined the organization', absent: 'AWS did not say' },
    status: { type: 'text', description: '`State` as AWS has it, else the retired `Status`, else `UNKNOWN`' },
    displayNames: { type: 'texts', description: 'All distinct names' },
    master: { type: 'boolean', description: 'True for the management account' },
    vendor: { type: 'text', description: '`Amazon Web Services`' },
    organizationId,
    ...placement,
    placementProblem: { type: 'texts', description: 'The paths, where AWS gave more than one', absent: 'there is no problem' },
    ...tags,
    memberStatus: {
      type: 'text',
      description: '`PENDING`, `CONNECTED`, `FAILED`, `SKIPPED`, `EXCLUDED`, `SUSPENDED`, `CLOSED`, `REMOVED` or `UNKNOWN`',
      absent: 'the account is no member',
    },
    memberCause: { type: 'text', description: 'The code of the reason', absent: 'the status says it all' },
    memberReason: { type: 'text', description: 'Why, and what to do, in a sentence', absent: 'the account is no member' },
    memberSince: { type: 'time', description: 'Since when status and cause are as they are', absent: 'the account is no member' },
    memberRoleArn: { type: 'text', description: 'The role that is assumed in the account', absent: 'there is none' },
    memberWarnings: { type: 'texts', description: 'What looks wrong and is no failure', absent: 'nothing does' },
    memberChangedBy: {
      type: 'text',
      description: 'ARN of the principal whose action led to the status',
      absent: 'no event says who it was',
    },
  },
  handshake: {
    id: id('`h-…`'),
    name: id('The same'),
    arn: { type: 'text', description: 'ARN of the handshake' },
    action: { type: 'text', description: 'For example `INVITE`', absent: 'AWS did not say' },
    status: {
      type: 'text',
      description: '`REQUESTED`, `OPEN`, `CANCELED`, `ACCEPTED`, `DECLINED` or `EXPIRED`',
      absent: 'AWS did not say',
    },
    requestedOn: { type: 'time', description: 'When it was sent', absent: 'AWS did not say' },
    expiresOn: { type: 'time', description: 'Until when it can be answered', absent: 'AWS did not say' },
    invitedAccountId: { type: 'text', description: '12 digits', absent: 'it was invited by address' },
    email: { type: 'text', description: 'The invited address', absent: 'it was invited by id, or addresses are withheld' },
    organizationId,
  },
};

/** Properties whose names end in a key of AWS or of the configuration. Their values are text. */
export const propertyFamilies: readonly { prefix: string; of: readonly EntityKind[]; description: string }[] = [
  {
    prefix: 'tag.',
    of: ['root', 'organizationalUnit', 'account'],
    description: 'A tag, with its value exactly as AWS has it, or one of the configuration',
  },
  { prefix: 'tag.', of: ['organization', 'handshake'], description: 'A tag of the configuration' },
  { prefix: 'policyType.', of: ['root'], description: 'The status of a policy type, for example `ENABLED`' },
];

/** Properties that hold an e-mail address, of whichever entity. A tag of that name is a tag. */
export const emailProperties = ['email', 'managementAccountEmail'] as const;
