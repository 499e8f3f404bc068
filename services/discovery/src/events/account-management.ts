import type { EventKind, EventSource } from './event-kind.js';
import { lookAtAccountCore, lookWhereNamed } from './event-kind.js';
import { targetAccountId } from './payload.js';

const source: EventSource = 'account.amazonaws.com';

export const accountManagement: readonly EventKind[] = [
  {
    source,
    name: 'PutAccountName',
    loggedIn: 'calling account, which may be the member itself',
    evidence: { unverified: 'the record as a whole, and whether the name in it is masked' },
    looksAt: 'the core of the named account, else of the calling account (its name)',
    explains: { updated: { core: ['name'] } },
    read: (record) => lookWhereNamed(targetAccountId(record), lookAtAccountCore),
  },
  {
    source,
    name: 'AcceptPrimaryEmailUpdate',
    loggedIn: 'calling account: management or delegated administrator',
    evidence: { unverified: 'the record as a whole, and whether the address in it is masked' },
    looksAt: 'the core of the named account, else of the calling account (its e-mail address)',
    explains: { updated: { core: ['email'] } },
    read: (record) => lookWhereNamed(targetAccountId(record), lookAtAccountCore),
  },
];
