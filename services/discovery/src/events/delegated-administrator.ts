import type { EventKind, EventSource, Meaning } from './event-kind.js';
import { lookAt, lookAtDelegation, lookEverywhere } from './event-kind.js';
import { accountIdAt } from './payload.js';
import type { CloudTrailRecord } from './record.js';

const source: EventSource = 'organizations.amazonaws.com';
const services = { core: ['services'] };

export const delegatedAdministrator: readonly EventKind[] = [
  {
    source,
    name: 'RegisterDelegatedAdministrator',
    looksAt: "the account's delegation",
    explains: { created: true, updated: services },
    read: (record) => delegationNamedBy(record),
  },
  {
    source,
    name: 'DeregisterDelegatedAdministrator',
    looksAt: "the account's delegation",
    explains: { ended: true, updated: services },
    read: (record) => delegationNamedBy(record),
  },
];

function delegationNamedBy({ eventName, requestParameters }: CloudTrailRecord): Meaning {
  const accountId = accountIdAt(requestParameters, 'accountId');
  return accountId === undefined ? lookEverywhere(`${eventName} names no account`) : lookAt(lookAtDelegation(accountId));
}
