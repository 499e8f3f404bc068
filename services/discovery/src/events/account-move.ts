import type { EventKind } from './event-kind.js';
import { lookAtAccount, lookWhereNamed } from './event-kind.js';
import { accountIdAt } from './payload.js';

/** The parents that the record names are not used: two moves in one second cannot be ordered by it. */
export const accountMove: readonly EventKind[] = [
  {
    source: 'organizations.amazonaws.com',
    name: 'MoveAccount',
    loggedIn: 'management account',
    evidence: 'sample',
    looksAt: "the account's placement, and its core, which the same read brings",
    explains: { updated: { placement: 'any' } },
    read: ({ requestParameters }) =>
      lookWhereNamed(accountIdAt(requestParameters, 'accountId'), (accountId) => [
        lookAtAccount(accountId, ['core', 'placement']),
      ]),
  },
];
