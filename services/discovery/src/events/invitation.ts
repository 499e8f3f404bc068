import { idPatterns, partsOf, subjectKey } from '../subjects.js';
import { isJsonObject } from './bounded-json.js';
import type { EventContext, EventKind, EventSource, Meaning } from './event-kind.js';
import { lookAt, lookAtMember, lookAtOrganization, lookEverywhere } from './event-kind.js';
import type { Hint } from './hint.js';
import { accountIdAt, callingAccountId, objectAt, textAt, upperCaseAt } from './payload.js';
import type { CloudTrailRecord } from './record.js';

const source: EventSource = 'organizations.amazonaws.com';

export const invitation: readonly EventKind[] = [
  {
    source,
    name: 'InviteAccountToOrganization',
    loggedIn: 'management account',
    evidence: 'sample',
    looksAt: 'the invitation',
    explains: { created: true },
    read: lookAtInvitation,
  },
  ...(
    [
      ['DeclineHandshake', 'invited account'],
      ['CancelHandshake', 'management account'],
    ] as const
  ).map(([name, loggedIn]): EventKind => ({
    source,
    name,
    loggedIn,
    evidence: { unverified: 'the record as a whole; the id is expected in the request' },
    looksAt: 'the invitation',
    explains: { updated: { core: ['state'] }, ended: true },
    read: lookAtInvitation,
  })),
  {
    source,
    name: 'AcceptHandshake',
    loggedIn: 'invited account',
    evidence: { unverified: 'the record as a whole, and whether the management account gets a copy (`sharedEventID`)' },
    looksAt:
      'the invitation, and the account that joins, all parts, with its delegation; without a readable account id, everything; the organization when the handshake is no invitation',
    // The account is created by it, and the invitation is over.
    explains: { created: true, ended: true, updated: { core: ['state', 'featureSet'] } },
    read: acceptance,
  },
];

function lookAtInvitation(record: CloudTrailRecord): Meaning {
  const hints = invitationHints(record);
  return hints.length === 0 ? lookEverywhere('names no handshake') : lookAt(...hints);
}

function acceptance(record: CloudTrailRecord, context: EventContext): Meaning {
  const hints = invitationHints(record);
  const action = upperCaseAt(record.responseElements, 'handshake', 'action');
  // Enabling all features is agreed by handshakes as well.
  if (action !== undefined && action !== 'INVITE') return lookAt(...hints, lookAtOrganization());
  const accountId = joiningAccount(record, context);
  if (accountId === undefined) return lookEverywhere('names no account', ...hints);
  return lookAt(...hints, ...lookAtMember(accountId));
}

function invitationHints({ requestParameters, responseElements }: CloudTrailRecord): Hint[] {
  const candidates = [textAt(responseElements, 'handshake', 'id'), textAt(requestParameters, 'handshakeId')];
  const handshakeId = candidates.find((id) => id !== undefined && idPatterns.handshake.test(id));
  return handshakeId === undefined ? [] : [{ subject: subjectKey('invitation', handshakeId), parts: partsOf.invitation }];
}

/** The party that is an account; else the caller, since the invited account is the one that accepts. */
function joiningAccount(record: CloudTrailRecord, { managementAccountId }: EventContext): string | undefined {
  const parties = objectAt(record.responseElements, 'handshake')?.['parties'];
  const named = (Array.isArray(parties) ? (parties as unknown[]) : [])
    .filter((party) => isJsonObject(party) && upperCaseAt(party, 'type') === 'ACCOUNT')
    .map((party) => accountIdAt(party, 'id'));
  return [...named, callingAccountId(record)].find((id) => id !== undefined && id !== managementAccountId);
}
