import type { EventKind, EventSource } from './event-kind.js';
import { lookAt, lookAtDepartingMember, lookAtMember, lookWhereNamed } from './event-kind.js';
import { membersNamedBy } from './membership.js';
import { accountIdAt, callingAccountId, upperCaseAt } from './payload.js';

const source: EventSource = 'organizations.amazonaws.com';
const accountDepartures = ['LEFT', 'REMOVED', 'CLEANED'] as const;

export const accountDeparture: readonly EventKind[] = [
  {
    source,
    name: 'RemoveAccountFromOrganization',
    loggedIn: 'management account',
    evidence: 'sample',
    looksAt: 'the removed account (its departure counts as announced) and its delegation',
    explains: { ended: true },
    departure: () => 'REMOVED',
    read: ({ requestParameters }) => lookWhereNamed(accountIdAt(requestParameters, 'accountId'), lookAtDepartingMember),
  },
  {
    source,
    name: 'LeaveOrganization',
    loggedIn: 'leaving account',
    evidence: { unverified: 'the record of a call that succeeded: samples are of denied ones' },
    looksAt: 'the calling account (its departure counts as announced) and its delegation',
    explains: { ended: true },
    departure: () => 'LEFT',
    // Recorded in the leaving member; it arrives only where that member's events are forwarded.
    read: (record, { managementAccountId }) => {
      const accountId = callingAccountId(record);
      return lookWhereNamed(accountId === managementAccountId ? undefined : accountId, lookAtDepartingMember);
    },
  },
  {
    source,
    name: 'AccountDepartedOrganization',
    loggedIn: 'management account',
    evidence: {
      unverified: "where the account's id and the way it went stand, the detail-type, and that it reaches EventBridge at all",
    },
    looksAt:
      'the account that left, was removed or was cleaned up after its closure (announced), and its delegation; without a readable account id, everything',
    explains: { ended: true },
    departure: ({ serviceEventDetails }) => {
      // AWS's own pages spell its name both ways.
      const method = upperCaseAt(serviceEventDetails, 'departureMethod') ?? upperCaseAt(serviceEventDetails, 'departedMethod');
      return accountDepartures.find((known) => known === method);
    },
    read: (record, context) => {
      const [accountId, ...others] = membersNamedBy(record, context);
      // Several candidates: one of them left, so none of them counts as announced.
      if (accountId !== undefined && others.length > 0) return lookAt(...[accountId, ...others].flatMap(lookAtMember));
      return lookWhereNamed(accountId, lookAtDepartingMember);
    },
  },
];
