import type { create, MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from '@jest/globals';
import { observation } from '@orgtrail/proto';
import { activeAccount, member } from './account-rows.fixture.js';
import { normalize } from './normalize.js';
import { management, observe } from './observations.fixture.js';
import { ContractViolation } from './subject-change.js';

const account = (id: string) => `arn:aws:iam::${id}:root`;
const organizations = `arn:aws:organizations::${management}`;

type Given<Schema extends Parameters<typeof create>[0]> = Exclude<MessageInitShape<Schema>, { $typeName: string }>;

const observed = (given: Given<typeof observation.ObservationSchema>) =>
  observe(undefined, { subject: `account:${member}`, ...given });

function accountState(given: Given<typeof observation.AccountSchema> = {}) {
  return {
    case: 'account' as const,
    value: {
      ...activeAccount,
      tags: { values: { Email: 'tag@example.com', cost: '007', empty: '', 'with space': 'x' }, fromIndex: false },
      ...given,
    },
  };
}

function presentOf(given: Given<typeof observation.ObservationSchema>) {
  const { change } = normalize(observed(given));
  if (change.case !== 'present') throw new Error('not present');
  return change.value;
}
const propertiesOf = (state: ReturnType<typeof accountState>) => presentOf({ state }).entity?.properties ?? {};

describe('an account', () => {
  it('carries the twelve documented properties', () => {
    expect(propertiesOf(accountState())).toMatchObject({
      accountId: member,
      id: member,
      active: true,
      arn: account(member),
      orgAccountArn: `${organizations}:account/o-exampleorgid/${member}`,
      name: 'payments',
      orgAccountName: 'payments',
      displayName: 'payments',
      email: 'payments@example.com',
      joinedMethod: 'CREATED',
      joinedOn: 1_481_830_215_450,
      status: 'ACTIVE',
    });
  });

  it('keeps tag values as text, and an Email tag never overwrites the address', () => {
    expect(propertiesOf(accountState())).toMatchObject({
      email: 'payments@example.com',
      'tag.Email': 'tag@example.com',
      'tag.cost': '007',
      'tag.empty': '',
      'tag.with space': 'x',
      tagsKnown: true,
    });
  });

  it('has no e-mail property, not a null one, while addresses are withheld', () => {
    const { email: _withheld, ...value } = accountState().value;
    expect(presentOf({ state: { case: 'account', value } }).entity?.properties).not.toHaveProperty('email');
  });

  it.each([
    ['ACTIVE', true, 'ACTIVE'],
    ['PENDING_ACTIVATION', false, 'PENDING_ACTIVATION'],
    ['SUSPENDED', false, 'SUSPENDED'],
    ['PENDING_CLOSURE', false, 'PENDING_CLOSURE'],
    ['CLOSED', false, 'CLOSED'],
    ['', null, 'UNKNOWN'],
    ['SOMETHING_NEW', null, 'SOMETHING_NEW'],
  ])('in state "%s" is active: %s, with status %s', (state, active, status) => {
    expect(propertiesOf(accountState({ state }))).toMatchObject({ active, status });
  });

  it('hangs below its parent and below the management account, in the order of the keys', () => {
    expect(presentOf({ state: accountState() }).relationships.map(({ key, type }) => ({ key, type }))).toEqual([
      { key: `${account(management)}|has|${account(member)}`, type: 'aws_account_has_account' },
      {
        key: `${organizations}:ou/o-exampleorgid/ou-ab12-11111111|has|${account(member)}`,
        type: 'aws_organizational_unit_has_account',
      },
    ]);
  });

  it('has no parent edge while its placement was never read', () => {
    const { placement: _unread, ...value } = accountState().value;
    const { entity, relationships } = presentOf({ state: { case: 'account', value } });
    expect(relationships.map(({ type }) => type)).toEqual(['aws_account_has_account']);
    expect(entity?.properties).toMatchObject({ placementKnown: false });
    expect(entity?.properties).not.toHaveProperty('parentId');
  });

  it('has no tags, and says so, while they were never read', () => {
    const { tags: _unread, ...value } = accountState().value;
    const properties = presentOf({ state: { case: 'account', value } }).entity?.properties ?? {};
    expect(Object.keys(properties).filter((name) => name.startsWith('tag.'))).toEqual([]);
    expect(properties).toMatchObject({ tagsKnown: false });
  });

  it('takes the configured name as display name where it is the management account, which is no member of itself', () => {
    const { entity, relationships } = presentOf({
      subject: `account:${management}`,
      configuredName: 'Acme production',
      state: accountState({ id: management, placement: { parentId: 'r-ab12', ancestorIds: ['r-ab12'] } }),
    });
    expect(entity?.displayName).toBe('Acme production');
    expect(entity?.properties).toMatchObject({ name: 'payments', displayNames: ['Acme production', 'payments'], master: true });
    expect(relationships.map(({ type }) => type)).toEqual(['aws_organization_root_has_account']);
  });

  it('shows several paths as a problem', () => {
    expect(propertiesOf(accountState({ conflictingPaths: ['a', 'b'] }))).toMatchObject({ placementProblem: ['a', 'b'] });
  });
});

describe('a member', () => {
  it('stands with its account, in properties that are absent where there is nothing to say', () => {
    const member = {
      status: 'SKIPPED',
      cause: 'TAGGED',
      reason: 'tagged',
      since: timestampFromMs(1_790_000_000_000),
      roleArn: 'arn:aws:iam::000012345678:role/security/orgtrail',
      warnings: ['odd'],
      changedBy: 'arn:ana',
    };
    expect(propertiesOf(accountState({ member }))).toMatchObject({
      memberStatus: 'SKIPPED',
      memberCause: 'TAGGED',
      memberReason: 'tagged',
      memberSince: 1_790_000_000_000,
      memberRoleArn: member.roleArn,
      memberWarnings: ['odd'],
      memberChangedBy: 'arn:ana',
    });
    const bare = propertiesOf(accountState({ member: { status: 'CONNECTED', reason: 'works' } }));
    expect(
      Object.keys(bare)
        .filter((name) => name.startsWith('member'))
        .sort(),
    ).toEqual(['memberReason', 'memberStatus']);
    expect(Object.keys(propertiesOf(accountState())).filter((name) => name.startsWith('member'))).toEqual([]);
  });
});

describe('tags of the configuration', () => {
  it('stand on every entity, and give way to a tag of AWS with the same key', () => {
    const state = accountState({ tags: { values: { Production: 'no' } } });
    expect(
      presentOf({ state, configuredTags: { AccountName: 'payments', Production: 'true' } }).entity?.properties,
    ).toMatchObject({
      'tag.AccountName': 'payments',
      'tag.Production': 'no',
    });
  });
});

describe('what concerns the whole scope', () => {
  it('is passed on as it is', () => {
    const change = normalize(
      observed({
        subject: 'integration',
        state: { case: 'integrationState', value: { removed: true, emailPurgedAt: timestampFromMs(5) } },
      }),
    );
    expect(change.change).toMatchObject({ case: 'scopeState', value: { removed: true, emailPurgedAt: timestampFromMs(5) } });
  });
});

describe('the other subjects', () => {
  it('an OU hangs below its parent', () => {
    const { relationships } = presentOf({
      subject: 'ou:ou-ab12-11111111',
      state: {
        case: 'organizationalUnit',
        value: { id: 'ou-ab12-11111111', arn: 'x', name: 'prod', placement: { parentId: 'r-ab12', ancestorIds: ['r-ab12'] } },
      },
    });
    expect(relationships.map(({ type }) => type)).toEqual(['aws_organization_root_has_organizational_unit']);
  });

  it('a delegation owns one relationship per service and no entity', () => {
    const { entity, relationships } = presentOf({
      subject: `delegation:${member}`,
      state: {
        case: 'delegation',
        value: {
          accountId: member,
          services: [{ servicePrincipal: 'a.amazonaws.com' }, { servicePrincipal: 'b.amazonaws.com' }],
        },
      },
    });
    expect(entity).toBeUndefined();
    expect(relationships.map(({ key }) => key.split('|').at(-1))).toEqual(['a.amazonaws.com', 'b.amazonaws.com']);
  });

  it('an ended subject ends, with its reason and cause', () => {
    const change = normalize(
      observed({ cause: { eventId: 'e1' }, state: { case: 'ended', value: { reason: observation.EndReason.NOT_FOUND } } }),
    );
    expect(change.change).toMatchObject({ case: 'ended', value: { reason: observation.EndReason.NOT_FOUND } });
    expect(change.cause?.eventId).toBe('e1');
  });
});

describe('an observation that no producer may send', () => {
  it.each<[string, Given<typeof observation.ObservationSchema>]>([
    ['without state', {}],
    ['without integration', { integrationId: '', state: accountState() }],
    ['without organization', { organization: { organizationId: '' }, state: accountState() }],
    ['without version', { subjectVersion: 0n, state: accountState() }],
    ['with a malformed account id', { state: accountState({ id: '12' }) }],
  ])('%s is refused as a violation of the contract', (_title, given) => {
    expect(() => normalize(observed(given))).toThrow(ContractViolation);
  });
});
