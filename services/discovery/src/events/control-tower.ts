import { idPatterns, subjectKey } from '../subjects.js';
import type { EventKind } from './event-kind.js';
import { lookAt, lookAtAccount, lookEverywhere } from './event-kind.js';
import type { Hint } from './hint.js';
import { accountIdAt, objectAt, textAt, upperCaseAt } from './payload.js';

/** The end of a Control Tower account factory run. Update… stands in for Create… when a failed creation is tried again. */
export const controlTower: readonly EventKind[] = (
  [
    ['CreateManagedAccount', 'createManagedAccountStatus', { created: true, updated: { placement: 'any' } }],
    ['UpdateManagedAccount', 'updateManagedAccountStatus', { updated: { placement: 'any' } }],
  ] as const
).map(([name, member, explains]): EventKind => ({
  source: 'controltower.amazonaws.com',
  name,
  loggedIn: 'management account',
  evidence: 'sample',
  looksAt: 'the account, all parts, and its OU; nothing when it failed; without a readable account id, everything',
  explains,
  read: ({ serviceEventDetails }) => {
    const status = objectAt(serviceEventDetails, member);
    if (upperCaseAt(status, 'state') === 'FAILED') return 'irrelevant';
    const unitId = textAt(status, 'organizationalUnit', 'organizationalUnitId');
    const unit: Hint[] =
      unitId !== undefined && idPatterns.ou.test(unitId)
        ? [{ subject: subjectKey('ou', unitId), parts: ['core', 'placement'] }]
        : [];
    const accountId = accountIdAt(status, 'account', 'accountId');
    return accountId === undefined ? lookEverywhere('names no account', ...unit) : lookAt(lookAtAccount(accountId), ...unit);
  },
}));
