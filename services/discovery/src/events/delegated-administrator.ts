import type { EventKind, EventSource, Meaning } from './event-kind.js';
import { lookAtDelegation, lookWhereNamed } from './event-kind.js';
import { accountIdAt } from './payload.js';
import type { CloudTrailRecord } from './record.js';

const source: EventSource = 'organizations.amazonaws.com';
const services = { core: ['services'] };

export const delegatedAdministrator: readonly EventKind[] = [
  {
    source,
    name: 'RegisterDelegatedAdministrator',
    loggedIn: 'management account',
    evidence: { unverified: 'the record as a whole, and how it looks when a service registers its own administrator' },
    looksAt: "the account's delegation",
    explains: { created: true, updated: services },
    read: delegationNamedBy,
  },
  {
    source,
    name: 'DeregisterDelegatedAdministrator',
    loggedIn: 'management account',
    evidence: { unverified: 'the record as a whole, and how it looks when a service registers its own administrator' },
    looksAt: "the account's delegation",
    explains: { ended: true, updated: services },
    read: delegationNamedBy,
  },
];

function delegationNamedBy({ requestParameters }: CloudTrailRecord): Meaning {
  return lookWhereNamed(accountIdAt(requestParameters, 'accountId'), (accountId) => [lookAtDelegation(accountId)]);
}
