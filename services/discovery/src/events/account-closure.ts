import type { EventKind, Meaning } from './event-kind.js';
import { lookAt, lookAtAccount, lookEverywhere } from './event-kind.js';
import { accountIdAt, callingAccountId, upperCaseAt } from './payload.js';

/** A closed account stays listed, in state PENDING_CLOSURE and then CLOSED, for about 90 days. */
const explains = { updated: { core: ['state'] } } as const;

export const accountClosure: readonly EventKind[] = [
  {
    source: 'organizations.amazonaws.com',
    name: 'CloseAccount',
    looksAt: "the account's core (its state)",
    explains,
    read: ({ requestParameters }) => coreOf(accountIdAt(requestParameters, 'accountId'), 'CloseAccount'),
  },
  {
    source: 'organizations.amazonaws.com',
    name: 'CloseAccountResult',
    looksAt: "the account's core (its state); nothing when the closure failed",
    explains,
    read: ({ serviceEventDetails }) =>
      upperCaseAt(serviceEventDetails, 'closeAccountStatus', 'state') === 'FAILED'
        ? 'irrelevant'
        : coreOf(accountIdAt(serviceEventDetails, 'closeAccountStatus', 'accountId'), 'CloseAccountResult'),
  },
  {
    source: 'account.amazonaws.com',
    name: 'CloseAccount',
    looksAt: 'the core of the named account, else of the calling account (its state)',
    explains,
    read: (record) => coreOf(accountIdAt(record.requestParameters, 'accountId') ?? callingAccountId(record), 'CloseAccount'),
  },
];

function coreOf(accountId: string | undefined, eventName: string): Meaning {
  return accountId === undefined ? lookEverywhere(`${eventName} names no account`) : lookAt(lookAtAccount(accountId, ['core']));
}
