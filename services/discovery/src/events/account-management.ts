import type { EventKind, EventSource } from './event-kind.js';
import { lookAt, lookAtAccount, lookEverywhere } from './event-kind.js';
import { accountIdAt, callingAccountId } from './payload.js';

const source: EventSource = 'account.amazonaws.com';

/** Named when the management account acts for a member; absent when an account acts on itself. */
export const accountManagement: readonly EventKind[] = (
  [
    ['PutAccountName', 'name'],
    ['AcceptPrimaryEmailUpdate', 'email'],
  ] as const
).map(([name, field]): EventKind => ({
  source,
  name,
  looksAt: `the core of the named account, else of the calling account (its ${field === 'email' ? 'e-mail address' : field})`,
  explains: { updated: { core: [field] } },
  read: (record) => {
    const accountId = accountIdAt(record.requestParameters, 'accountId') ?? callingAccountId(record);
    return accountId === undefined ? lookEverywhere(`${name} names no account`) : lookAt(lookAtAccount(accountId, ['core']));
  },
}));
