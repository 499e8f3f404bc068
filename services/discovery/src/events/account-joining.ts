import type { EventKind } from './event-kind.js';
import { lookAt, lookAtMember, lookEverywhere } from './event-kind.js';
import { membersNamedBy } from './membership.js';

/** Sent to the management account since May 2026, for created and for invited accounts. */
export const accountJoining: readonly EventKind[] = [
  {
    source: 'organizations.amazonaws.com',
    name: 'AccountJoinedOrganization',
    loggedIn: 'management account',
    evidence: { unverified: "where the account's id stands, the detail-type, and that it reaches EventBridge at all" },
    looksAt: 'the account that joined, all parts, and its delegation; without a readable account id, everything',
    explains: { created: true },
    read: (record, context) => {
      const members = membersNamedBy(record, context);
      return members.length === 0 ? lookEverywhere('names no account') : lookAt(...members.flatMap(lookAtMember));
    },
  },
];
