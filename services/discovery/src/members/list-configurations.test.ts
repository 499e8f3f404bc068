import { describe, expect, it } from '@jest/globals';
import { integrationSettings } from '../integrations/settings.js';
import { matches } from './list-configurations.js';

const member = {
  accountId: '111122223333',
  name: 'Payments-Prod',
  status: 'FAILED',
  path: [{ id: 'ou-ab12-11111111', name: 'Prod' }],
};
const departed = { ...member, status: 'REMOVED' };
const settings = integrationSettings.parse({});

describe('a filter of members', () => {
  it('looks at status, OU, and at name and account id without regard to case', () => {
    const shows = (filter: Parameters<typeof matches>[1]) => matches(member, filter, { settings });
    expect([
      shows({}),
      shows({ status: ['FAILED', 'PENDING'] }),
      shows({ ou: 'ou-ab12-11111111' }),
      shows({ text: 'payments' }),
      shows({ text: '2222' }),
    ]).toEqual(Array(5).fill(true));
    expect([shows({ status: ['CONNECTED'] }), shows({ ou: 'ou-ab12-22222222' }), shows({ text: 'dns' })]).toEqual(
      Array(3).fill(false),
    );
  });

  it('shows departed members only when they are asked for, or kept', () => {
    expect(matches(departed, {}, { settings })).toBe(false);
    expect(matches(departed, { removed: true }, { settings })).toBe(true);
    expect(matches(departed, { status: ['REMOVED'] }, { settings })).toBe(true);
    expect(matches(departed, {}, { settings: { ...settings, removeDepartedAccounts: false } })).toBe(true);
  });
});
