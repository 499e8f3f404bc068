import type { EventKind } from './event-kind.js';
import { lookAtAccountCore, lookWhereNamed } from './event-kind.js';
import { accountIdAt, targetAccountId, upperCaseAt } from './payload.js';

/** A closed account stays listed, in state PENDING_CLOSURE and then CLOSED, for about 90 days. */
const explains = { updated: { core: ['state'] } } as const;

export const accountClosure: readonly EventKind[] = [
  {
    source: 'organizations.amazonaws.com',
    name: 'CloseAccount',
    loggedIn: 'management account',
    evidence: 'sample',
    looksAt: "the account's core (its state)",
    explains,
    read: ({ requestParameters }) => lookWhereNamed(accountIdAt(requestParameters, 'accountId'), lookAtAccountCore),
  },
  {
    source: 'organizations.amazonaws.com',
    name: 'CloseAccountResult',
    loggedIn: 'management account',
    evidence: 'sample',
    looksAt: "the account's core (its state); nothing when the closure failed",
    explains,
    read: ({ serviceEventDetails }) =>
      upperCaseAt(serviceEventDetails, 'closeAccountStatus', 'state') === 'FAILED'
        ? 'irrelevant'
        : lookWhereNamed(accountIdAt(serviceEventDetails, 'closeAccountStatus', 'accountId'), lookAtAccountCore),
  },
  {
    source: 'account.amazonaws.com',
    name: 'CloseAccount',
    loggedIn: 'calling account, which may be the member itself',
    evidence: { unverified: 'that it comes with this source when a member closes itself, as public detection rules have it' },
    looksAt: 'the core of the named account, else of the calling account (its state)',
    explains,
    read: (record) => lookWhereNamed(targetAccountId(record), lookAtAccountCore),
  },
];
