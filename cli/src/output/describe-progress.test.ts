import { expect, it } from '@jest/globals';
import { describeProgress } from './describe-progress.js';

it('tells how far a sync is, of how much as far as anybody knows, and for how long it goes on', () => {
  const running = { kind: 'full', startedAt: '2026-11-01T00:00:00.000Z', accounts: 400, organizationalUnits: 35 };
  expect(describeProgress({ ...running, of: 1000, ofOrganizationalUnits: 100, secondsLeft: 26 })).toBe(
    '400 of about 1,000 accounts, 35 of about 100 OUs, about 26 s left',
  );
  expect(describeProgress({ ...running, of: 50_000, secondsLeft: 640 })).toBe(
    '400 of about 50,000 accounts, 35 OUs, about 11 min left',
  );
  expect(describeProgress({ ...running, accounts: 20, organizationalUnits: 0 })).toBe('20 accounts');
  expect(describeProgress({ ...running, of: 400, ofOrganizationalUnits: 35, secondsLeft: 0 })).toBe('400 accounts, 35 OUs');
});
