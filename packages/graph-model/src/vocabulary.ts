/**
 * The vocabulary of the graph: types and classes as in the JupiterOne data model, so that its queries and ours mean the same.
 * `docs/graph-model.md` is generated from these tables.
 */
export const entities = {
  organization: {
    type: 'aws_organization',
    classes: ['Organization'],
    description: 'The organization',
  },
  root: {
    type: 'aws_organization_root',
    classes: ['Group'],
    description: 'The root of the tree of organizational units',
  },
  organizationalUnit: {
    type: 'aws_organizational_unit',
    classes: ['Organization', 'Group'],
    description: 'An organizational unit',
  },
  account: {
    type: 'aws_account',
    classes: ['Account'],
    description: 'An account, the management account included (`master` is true there)',
  },
  handshake: {
    type: 'aws_organization_handshake',
    classes: ['Record'],
    description: 'An invitation or another handshake of the organization',
  },
} as const;

export type EntityKind = keyof typeof entities;

export const relationships = {
  organizationHasRoot: { from: 'organization', class: 'HAS', to: 'root', owner: 'the root' },
  rootHasUnit: { from: 'root', class: 'HAS', to: 'organizationalUnit', owner: 'the organizational unit' },
  unitHasUnit: { from: 'organizationalUnit', class: 'HAS', to: 'organizationalUnit', owner: 'the lower organizational unit' },
  rootHasAccount: { from: 'root', class: 'HAS', to: 'account', owner: 'the account' },
  unitHasAccount: { from: 'organizationalUnit', class: 'HAS', to: 'account', owner: 'the account' },
  managementHasMember: { from: 'account', class: 'HAS', to: 'account', owner: 'the member account' },
  organizationHasHandshake: { from: 'organization', class: 'HAS', to: 'handshake', owner: 'the handshake' },
  accountManagesOrganization: {
    from: 'account',
    class: 'MANAGES',
    to: 'organization',
    owner: 'the delegation of the account; one relationship per service',
  },
} as const satisfies Record<string, { from: EntityKind; class: string; to: EntityKind; owner: string }>;

export type RelationshipKind = keyof typeof relationships;
