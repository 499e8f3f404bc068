import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../simulator.js';
import { eventsOnQueue, type Envelope } from '../testing/customer.js';

/** Public samples of events: where AWS or somebody else published one, ours has the same keys. */
const folder = new URL('./fixtures/', import.meta.url);

interface Sample {
  [member: string]: unknown;
  detail?: Record<string, unknown>;
}

const sample = (name: string): Sample => JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Sample;

/** `detail.requestParameters.accountId`, …: leaves and empty objects; members of lists share one path. */
function keyPaths(value: unknown, at = ''): string[] {
  if (Array.isArray(value))
    return value.length === 0 ? [at] : [...new Set(value.flatMap((member) => keyPaths(member, `${at}[]`)))];
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [at];
  return Object.entries(value).flatMap(([key, member]) => keyPaths(member, at === '' ? key : `${at}.${key}`));
}

/** Absent in records of older days (the samples' index says so); ours have them. */
const addedSince = [
  'readOnly',
  'managementEvent',
  'eventCategory',
  'recipientAccountId',
  'tlsDetails.tlsVersion',
  'tlsDetails.cipherSuite',
  'tlsDetails.clientProvidedHostHeader',
];

function withoutAdditions(record: unknown, keepIdentity: boolean): string[] {
  return keyPaths(record)
    .filter((path) => !addedSince.includes(path))
    .filter((path) => keepIdentity || !path.startsWith('userIdentity.'))
    .sort();
}

let simulator: Simulator;
let managementId: string;
let memberId: string;

beforeEach(async () => {
  simulator = await startSimulator({ seed: 17, accounts: 8, organizationalUnits: 4 });
  const { organization } = simulator;
  managementId = organization.managementAccount.id;
  memberId = [...organization.accounts.values()].find(
    ({ id, state, parentId }) =>
      id !== managementId &&
      state === 'ACTIVE' &&
      !organization.isDelegatedAdministrator(id) &&
      parentId !== organization.root.id,
  )!.id;
});
afterEach(() => simulator.close());

const root = (): string => simulator.organization.root.id;
const user = (): string => `arn:aws:iam::${managementId}:user/diego`;

/** What the sample shows, done again. */
const makers: Record<string, () => void> = {
  MoveAccount: () => simulator.actions.moveAccount({ accountId: memberId, destinationParentId: root() }),
  RemoveAccountFromOrganization: () => simulator.actions.removeAccountFromOrganization({ accountId: memberId }),
  CloseAccount: () => simulator.actions.closeAccount({ accountId: memberId }),
  CloseAccountResult: () => simulator.actions.closeAccount({ accountId: memberId }),
  CreateAccount: () => void simulator.actions.createAccount({ accountName: 'n', email: 'n@example.com', tags: {} }),
  CreateAccountResult: () => void simulator.actions.createAccount({ accountName: 'n', email: 'n@example.com' }),
  CreateOrganizationalUnit: () => void simulator.actions.createOrganizationalUnit({ parentId: root(), name: 'new', as: user() }),
  InviteAccountToOrganization: () =>
    void simulator.actions.inviteAccountToOrganization({
      target: { type: 'ACCOUNT', id: '222222222222' },
      notes: 'Welcome.',
      as: user(),
    }),
};

function eventLike(name: string): Envelope {
  makers[name]!();
  return eventsOnQueue(simulator).find(({ detail }) => detail.eventName === name)!;
}

describe('envelopes on the queue', () => {
  it.each([
    ['eb-move-account-2026-fixture', 'MoveAccount', false],
    ['eb-move-account-2020', 'MoveAccount', true],
    ['eb-remove-account-from-organization-2020', 'RemoveAccountFromOrganization', true],
    ['eb-create-account-result-2023', 'CreateAccountResult', true],
    ['eb-close-account-result-2022', 'CloseAccountResult', true],
  ])('have the keys of %s', (file, name, withIdentity) => {
    const published = sample(file);
    const ours = eventLike(name);
    expect(Object.keys(ours)).toEqual(Object.keys(published));
    expect(withoutAdditions(ours.detail, withIdentity)).toEqual(withoutAdditions(published.detail, withIdentity));
    expect(ours['detail-type']).toBe(published['detail-type']);
    expect(ours.source).toBe(published['source']);
  });
});

describe('records', () => {
  it.each([
    ['org-create-account', 'CreateAccount'],
    ['org-close-account', 'CloseAccount'],
    ['org-create-organizational-unit', 'CreateOrganizationalUnit'],
    ['org-invite-account-to-organization', 'InviteAccountToOrganization'],
  ])('have the keys of %s', (file, name) => {
    const ours = eventLike(name).detail;
    // The page prints an assumed role's identity with the type of a user: the type alone differs from ours.
    expect(withoutAdditions(ours, true)).toEqual(withoutAdditions(sample(file), true));
  });

  it('mask what the samples mask, and write times as the samples do', () => {
    const created = eventLike('CreateAccount').detail;
    expect(created.requestParameters).toMatchObject({ email: '****', accountName: '****' });
    const status = (record: Record<string, unknown>) =>
      (record['responseElements'] as { createAccountStatus: Record<string, string> }).createAccountStatus;
    expect(status(created)['accountName']).toBe('****');
    const time = /^[A-Z][a-z]{2} \d{1,2}, \d{4} \d{1,2}:\d{2}:\d{2} [AP]M$/;
    expect(status(sample('org-create-account'))['requestedTimestamp']).toMatch(time);
    expect(status(created)['requestedTimestamp']).toMatch(time);
  });

  it('of a failed creation have the keys of the sample', () => {
    simulator.actions.createAccount({ accountName: 'n', email: simulator.organization.managementAccount.email });
    const ours = eventsOnQueue(simulator).at(-1)!.detail;
    expect(withoutAdditions(ours, true)).toEqual(withoutAdditions(sample('org-create-account-result-failed'), true));
  });

  it('of a failed call have the error where the sample has it', () => {
    expect(() => simulator.actions.moveAccount({ accountId: '123456789012', destinationParentId: root(), as: user() })).toThrow(
      /account/,
    );
    const ours = simulator.events.emitted[0]!.record;
    const published = sample('org-attach-policy-failed');
    const parameters = (path: string): boolean => !path.startsWith('requestParameters.');
    expect(withoutAdditions(ours, true).filter(parameters)).toEqual(withoutAdditions(published, true).filter(parameters));
  });

  it('of Account Management have the keys of its sample, beside the parameters', () => {
    simulator.actions.putAccountName({ accountId: memberId, accountName: 'new name' });
    const ours = eventsOnQueue(simulator)[0]!.detail;
    const parameters = (path: string): boolean => !path.startsWith('requestParameters.');
    expect(withoutAdditions(ours, true).filter(parameters)).toEqual(
      withoutAdditions(sample('account-put-alternate-contact'), true).filter(parameters),
    );
  });

  it('of a root user have the keys of a real capture', () => {
    simulator.actions.tagResource({ resourceId: memberId, tags: {}, as: `arn:aws:iam::${managementId}:root` });
    const identity = (record: Record<string, unknown>): string[] => keyPaths(record['userIdentity']).sort();
    expect(identity(eventsOnQueue(simulator)[0]!.detail)).toEqual(identity(sample('org-disable-policy-type-2023')));
  });

  it('know whole seconds only, and no two share an id', () => {
    for (const make of [
      makers['MoveAccount']!,
      makers['CreateAccount']!,
      makers['CreateOrganizationalUnit']!,
      makers['CloseAccount']!,
    ])
      make();
    const events = eventsOnQueue(simulator);
    expect(events.length).toBeGreaterThan(5);
    for (const { detail, time } of events) {
      expect(detail.eventTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
    expect(new Set(events.map(({ detail }) => detail.eventID)).size).toBe(events.length);
  });
});
