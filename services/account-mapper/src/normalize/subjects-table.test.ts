import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from '@jest/globals';
import { normalize } from './normalize.js';
import { management, observe } from './observations.fixture.js';
import { ContractViolation } from './subject-change.js';

const organizations = `arn:aws:organizations::${management}`;
const organization = `${organizations}:organization/o-exampleorgid`;
const root = `${organizations}:root/o-exampleorgid/r-ab12`;
const unit = `${organizations}:ou/o-exampleorgid/ou-ab12-11111111`;
const invitation = `${organizations}:handshake/o-exampleorgid/invite/h-examplehandshakeid`;
const member = 'arn:aws:iam::000012345678:root';
const since = 1_790_000_000_000;

type State = NonNullable<Parameters<typeof observe>[0]>;

function presentOf(...given: Parameters<typeof observe>) {
  const { change } = normalize(observe(...given));
  if (change.case !== 'present') throw new Error('It is not present.');
  const { entity, relationships } = change.value;
  return {
    entity: entity && { ...entity, $typeName: undefined },
    relationships: relationships.map((edge) => ({ ...edge, $typeName: undefined })),
  };
}

/** The whole of what one says that owns an entity. */
const owns = (key: string, type: string, displayName: string, given: { classes: string[]; properties: object }) => ({
  key,
  type,
  displayName,
  accountId: management,
  ...given,
});
const edge = (fromKey: string, toKey: string, type: string) => ({
  ...{ key: `${fromKey}|has|${toKey}`, type, class: 'HAS', fromKey, toKey, properties: {} },
});

describe('each subject but an account', () => {
  it('an organization, and one of which only its ids are known', () => {
    const ids = { id: 'o-exampleorgid', name: 'o-exampleorgid', managementAccountId: management, partition: 'aws' };
    const state: State = {
      case: 'organizationState',
      value: { arn: organization, featureSet: 'ALL', managementAccountEmail: 'boss@example.com' },
    };
    expect(presentOf(state, { configuredTags: { Production: 'true' } })).toEqual({
      entity: owns(organization, 'aws_organization', 'o-exampleorgid', {
        classes: ['Organization'],
        properties: {
          ...ids,
          ...{ arn: organization, featureSet: 'ALL', managementAccountEmail: 'boss@example.com', 'tag.Production': 'true' },
        },
      }),
      relationships: [],
    });
    const bare = presentOf({ case: 'organizationState', value: { arn: organization } });
    expect(bare.entity?.properties).toEqual({ ...ids, arn: organization });
  });

  it('a root, with its policy types and its tags as properties', () => {
    const value = { id: 'r-ab12', arn: root, name: 'Root' };
    const state: State = {
      case: 'root',
      value: {
        ...value,
        policyTypes: { SERVICE_CONTROL_POLICY: 'ENABLED', TAG_POLICY: 'PENDING_ENABLE' },
        tags: { values: { id: 'x', owner: 'ana' }, fromIndex: true },
      },
    };
    expect(presentOf(state)).toEqual({
      entity: owns(root, 'aws_organization_root', 'Root', {
        classes: ['Group'],
        properties: {
          ...{
            ...value,
            organizationId: 'o-exampleorgid',
            'tag.id': 'x',
            'tag.owner': 'ana',
            tagsKnown: true,
            tagsFromIndex: true,
          },
          ...{ 'policyType.SERVICE_CONTROL_POLICY': 'ENABLED', 'policyType.TAG_POLICY': 'PENDING_ENABLE' },
        },
      }),
      relationships: [edge(organization, root, 'aws_organization_has_root')],
    });
    expect(presentOf({ case: 'root', value }).entity?.properties).toEqual({
      ...{ ...value, organizationId: 'o-exampleorgid', tagsKnown: false },
    });
  });

  const unitValue = { id: 'ou-ab12-11111111', arn: unit, name: 'prod' };
  const unitProperties = { ...unitValue, organizationId: 'o-exampleorgid' };
  it.each([
    ['the root', 'r-ab12', root, 'aws_organization_root_has_organizational_unit'],
    ['another one', 'ou-ab12-2', `${organizations}:ou/o-exampleorgid/ou-ab12-2`, 'aws_organizational_unit_has_unit'],
  ])('an organizational unit below %s, with its tags as properties', (_what, parentId, parent, type) => {
    const state: State = {
      case: 'organizationalUnit',
      value: {
        ...unitValue,
        placement: { parentId, ancestorIds: ['r-ab12', parentId] },
        tags: { values: { name: 'not the name', 'cost-center': '007' }, fromIndex: false },
      },
    };
    expect(presentOf(state)).toEqual({
      entity: owns(unit, 'aws_organizational_unit', 'prod', {
        classes: ['Organization', 'Group'],
        properties: {
          ...unitProperties,
          ...{ parentId, pathIds: ['r-ab12', parentId], placementKnown: true, tagsKnown: true },
          ...{ 'tag.name': 'not the name', 'tag.cost-center': '007' },
        },
      }),
      relationships: [edge(parent, unit, type)],
    });
  });

  it('an organizational unit of which neither place nor tags were read', () => {
    expect(presentOf({ case: 'organizationalUnit', value: unitValue })).toEqual({
      entity: owns(unit, 'aws_organizational_unit', 'prod', {
        classes: ['Organization', 'Group'],
        properties: { ...unitProperties, placementKnown: false, tagsKnown: false },
      }),
      relationships: [],
    });
  });

  it('a delegation: one relationship per service in the order of their keys, each since when, and no entity', () => {
    const state: State = {
      case: 'delegation',
      value: {
        accountId: '000012345678',
        services: [
          { servicePrincipal: 'securityhub.amazonaws.com' },
          { servicePrincipal: 'guardduty.amazonaws.com', enabledAt: timestampFromMs(since) },
        ],
      },
    };
    const manages = (service: string, properties: object) => ({
      ...{ key: `${member}|manages|${organization}|${service}`, type: 'aws_account_manages_organization', class: 'MANAGES' },
      ...{ fromKey: member, toKey: organization, properties: { servicePrincipal: service, ...properties } },
    });
    expect(presentOf(state, { configuredTags: { Production: 'true' } })).toEqual({
      entity: undefined,
      relationships: [
        manages('guardduty.amazonaws.com', { delegationEnabledOn: since }),
        manages('securityhub.amazonaws.com', {}),
      ],
    });
    expect(presentOf({ case: 'delegation', value: { accountId: '000012345678' } }).relationships).toEqual([]);
  });

  it('an invitation by address, and one by id of which AWS says little', () => {
    const ids = { id: 'h-examplehandshakeid', name: 'h-examplehandshakeid', arn: invitation, organizationId: 'o-exampleorgid' };
    const value = { id: 'h-examplehandshakeid', arn: invitation };
    const state: State = {
      case: 'invitation',
      value: {
        ...{ ...value, action: 'INVITE', state: 'OPEN', email: 'guest@example.com' },
        ...{ requestedAt: timestampFromMs(since), expiresAt: timestampFromMs(since + 1) },
      },
    };
    expect(presentOf(state)).toEqual({
      entity: owns(invitation, 'aws_organization_handshake', 'h-examplehandshakeid', {
        classes: ['Record'],
        properties: {
          ...ids,
          ...{ action: 'INVITE', status: 'OPEN', email: 'guest@example.com', requestedOn: since, expiresOn: since + 1 },
        },
      }),
      relationships: [edge(organization, invitation, 'aws_organization_has_handshake')],
    });
    const byId = presentOf({ case: 'invitation', value: { ...value, accountId: '000012345678' } });
    expect(byId.entity?.properties).toEqual({ ...ids, invitedAccountId: '000012345678' });
  });
});

it('when, why and how it was observed goes on with the change', () => {
  const given = {
    subject: 'root:r-ab12',
    subjectVersion: 9n,
    observedAt: timestampFromMs(since),
    cause: { eventId: 'e-1', eventName: 'TagResource' },
    foundBy: { id: 12n, kind: 'full', startedAt: timestampFromMs(since) },
    explainedVersion: 5n,
    baseline: true,
  };
  const state: State = { case: 'root', value: { id: 'r-ab12', arn: root, name: 'Root' } };
  expect(normalize(observe(state, given))).toMatchObject({ ...given, integrationId: 'a3bb189e-8bf9-4888-9912-ace4e6543002' });
  const bare = normalize(observe(state));
  expect([bare.observedAt, bare.cause, bare.foundBy, bare.baseline]).toEqual([undefined, undefined, undefined, false]);
});

it('what concerns the whole scope may say nothing about addresses', () => {
  const { change } = normalize(observe({ case: 'integrationState', value: { removed: true } }));
  expect(change).toMatchObject({ case: 'scopeState', value: { removed: true } });
  expect(change.value).not.toHaveProperty('emailPurgedAt');
});

describe('an observation that no producer may send', () => {
  const account: State = { case: 'account', value: { id: '000012345678' } };
  const nowhere = 'The observation does not say to which integration and organization it belongs.';
  const nobody = 'The observation has no subject or no subject version.';
  const inOrganization = (given: object) => ({
    organization: { partition: 'aws', organizationId: 'o-exampleorgid', managementAccountId: management, ...given },
  });
  it.each<[string, Parameters<typeof observe>, string]>([
    ['without state', [undefined], 'The observation has no state.'],
    ['without integration', [account, { integrationId: '' }], nowhere],
    ['without organization', [account, { organization: undefined as never }], nowhere],
    ['without the id of the organization', [account, inOrganization({ organizationId: '' })], nowhere],
    ['with a management account of 11 digits', [account, inOrganization({ managementAccountId: '11112222333' })], nowhere],
    ['with a management account of 13 digits', [account, inOrganization({ managementAccountId: '1111222233334' })], nowhere],
    ['with words before the management account', [account, inOrganization({ managementAccountId: 'x111122223333' })], nowhere],
    ['without subject', [account, { subject: '' }], nobody],
    ['without version', [account, { subjectVersion: 0n }], nobody],
    ['with a version below nothing', [account, { subjectVersion: -1n }], nobody],
    ['with an account id of 11 digits', [{ case: 'account', value: { id: '00001234567' } }], 'An account id has not 12 digits.'],
    [
      'with an account id of 13 digits',
      [{ case: 'account', value: { id: '0000123456789' } }],
      'An account id has not 12 digits.',
    ],
    [
      'with words before the account id',
      [{ case: 'account', value: { id: 'x000012345678' } }],
      'An account id has not 12 digits.',
    ],
    ['with an invitation without ARN', [{ case: 'invitation', value: { id: 'h-1' } }], 'An invitation has no ARN.'],
  ])('%s is refused, with the reason in words', (_what, given, message) => {
    let refused: unknown;
    try {
      normalize(observe(...given));
    } catch (error) {
      refused = error;
    }
    expect(refused).toBeInstanceOf(ContractViolation);
    expect(refused).toMatchObject({ name: 'ContractViolation', code: 'CONTRACT_VIOLATION', message });
  });
});
