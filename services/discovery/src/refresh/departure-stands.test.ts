import { describe, expect, it } from '@jest/globals';
import { departureStands } from './departure-stands.js';

const at = (eventName: string, second: number) => ({
  eventId: `${eventName}-${second}`,
  eventName,
  eventTime: new Date(Date.UTC(2026, 10, 1, 0, 0, second)).toISOString(),
});

describe('an announced departure', () => {
  it.each([
    ['alone', [at('RemoveAccountFromOrganization', 5)]],
    ['of an account that was created just before', [at('CreateAccountResult', 1), at('RemoveAccountFromOrganization', 5)]],
    ['whatever the order in which the events came', [at('LeaveOrganization', 5), at('AccountJoinedOrganization', 1)]],
    ['beside events that bring nobody back', [at('AccountDepartedOrganization', 5), at('MoveAccount', 9)]],
  ])('stands %s', (_, causes) => {
    expect(departureStands(causes)).toBe(true);
  });

  it.each([
    ['joined again', [at('AccountDepartedOrganization', 5), at('AccountJoinedOrganization', 9)]],
    ['accepted an invitation', [at('AcceptHandshake', 9), at('LeaveOrganization', 5)]],
    ['did both in the same second', [at('LeaveOrganization', 5), at('AccountJoinedOrganization', 5)]],
    [
      'joined at a time that nobody knows',
      [at('LeaveOrganization', 5), { eventId: 'e', eventName: 'AccountJoinedOrganization' }],
    ],
  ])('does not stand when the account %s', (_, causes) => {
    expect(departureStands(causes)).toBe(false);
  });
});
