import type { EventKind, EventSource } from './event-kind.js';
import { lookAt, lookAtDepartingMember, lookAtMember, lookEverywhere } from './event-kind.js';
import { membersNamedBy } from './membership.js';
import { accountIdAt, callingAccountId } from './payload.js';

const source: EventSource = 'organizations.amazonaws.com';

export const accountDeparture: readonly EventKind[] = [
  {
    source,
    name: 'RemoveAccountFromOrganization',
    looksAt: 'the removed account (its departure counts as announced) and its delegation',
    explains: { ended: true },
    read: ({ requestParameters }) => {
      const accountId = accountIdAt(requestParameters, 'accountId');
      return accountId === undefined
        ? lookEverywhere('RemoveAccountFromOrganization names no account')
        : lookAt(...lookAtDepartingMember(accountId));
    },
  },
  {
    source,
    name: 'LeaveOrganization',
    looksAt: 'the calling account (its departure counts as announced) and its delegation',
    explains: { ended: true },
    // Recorded in the leaving member; it arrives only where that member's events are forwarded.
    read: (record, { managementAccountId }) => {
      const accountId = callingAccountId(record);
      return accountId === undefined || accountId === managementAccountId
        ? lookEverywhere('LeaveOrganization names no member account')
        : lookAt(...lookAtDepartingMember(accountId));
    },
  },
  {
    source,
    name: 'AccountDepartedOrganization',
    looksAt:
      'the account that left, was removed or was cleaned up after its closure (announced), and its delegation; without a readable account id, everything',
    explains: { ended: true },
    read: (record, context) => {
      const [accountId, ...others] = membersNamedBy(record, context);
      if (accountId === undefined) return lookEverywhere('AccountDepartedOrganization names no account');
      // Several candidates: one of them left, so none of them counts as announced.
      if (others.length > 0) return lookAt(...[accountId, ...others].flatMap(lookAtMember));
      return lookAt(...lookAtDepartingMember(accountId));
    },
  },
];
