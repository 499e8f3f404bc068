import { expect, it } from '@jest/globals';
import { explains, type ExplainableChange } from './explains.js';

const created: ExplainableChange = { kind: 'created', changedParts: ['core'], changedFields: [] };
const ended: ExplainableChange = { kind: 'ended', changedParts: ['core'], changedFields: [] };
const moved: ExplainableChange = { kind: 'updated', changedParts: ['placement'], changedFields: [] };
const tagged: ExplainableChange = { kind: 'updated', changedParts: ['tags'], changedFields: [] };
const core = (...changedFields: string[]): ExplainableChange => ({ kind: 'updated', changedParts: ['core'], changedFields });

const explain = (eventName: string, change: ExplainableChange) => explains({ eventId: 'e-1', eventName }, change);

it.each([
  ['MoveAccount', moved],
  ['TagResource', tagged],
  ['UntagResource', tagged],
  ['CloseAccount', core('state')],
  ['CloseAccountResult', core('state', 'name')],
  ['PutAccountName', core('name')],
  ['AcceptPrimaryEmailUpdate', core('email')],
  ['RemoveAccountFromOrganization', ended],
  ['AccountDepartedOrganization', ended],
  ['LeaveOrganization', ended],
  ['DeleteOrganizationalUnit', ended],
  ['CreateAccountResult', created],
  ['AccountJoinedOrganization', created],
  ['AcceptHandshake', created],
  ['CreateOrganizationalUnit', created],
  ['UpdateOrganizationalUnit', core('name')],
  ['RegisterDelegatedAdministrator', created],
  ['RegisterDelegatedAdministrator', core('services')],
  ['DeregisterDelegatedAdministrator', ended],
  ['InviteAccountToOrganization', created],
  ['CancelHandshake', core('state')],
  ['EnableAllFeatures', core('featureSet')],
  ['DisablePolicyType', core('policyTypes')],
] as const)('%s explains %j', (eventName, change) => {
  expect(explain(eventName, change)).toBe(true);
});

it.each([
  ['MoveAccount', tagged],
  ['MoveAccount', core('name')],
  ['MoveAccount', created],
  ['MoveAccount', ended],
  ['TagResource', moved],
  ['PutAccountName', core('state')],
  ['CloseAccount', core('name')],
  ['CloseAccount', ended],
  ['RemoveAccountFromOrganization', created],
  ['CreateAccountResult', ended],
  ['ListAccounts', moved],
  ['__proto__', moved],
] as const)('%s does not explain %j', (eventName, change) => {
  expect(explain(eventName, change)).toBe(false);
});

it('a change of several parts is explained by the event of any of them', () => {
  const both: ExplainableChange = { kind: 'updated', changedParts: ['placement', 'tags'], changedFields: [] };
  expect(explain('MoveAccount', both)).toBe(true);
  expect(explain('TagResource', both)).toBe(true);
});

it('where the changed fields are not known, the part decides', () => {
  expect(explain('PutAccountName', { kind: 'updated', changedParts: ['core'] })).toBe(true);
});
