import type { EventKind } from './event-kind.js';
import { lookAtMember, lookWhereNamed } from './event-kind.js';
import { accountIdAt, findAccountIds, textAt, upperCaseAt } from './payload.js';

const source = 'organizations.amazonaws.com';

/**
 * CreateAccount says who, and carries no account id; CreateAccountResult, seconds or minutes later, carries the id and says that AWS did
 * it. Both name the request (`car-…`).
 */
export const accountCreation: readonly EventKind[] = [
  ...(
    [
      ['CreateAccount', 'sample'],
      ['CreateGovCloudAccount', { unverified: 'the record as a whole; it is expected to be that of CreateAccount' }],
    ] as const
  ).map(([name, evidence]): EventKind => ({
    source,
    name,
    loggedIn: 'management account',
    evidence,
    looksAt: 'nothing yet: `CreateAccountResult` names the account; this one says who asked for it',
    explains: { created: true },
    read: ({ responseElements }) => {
      const request = requestId(responseElements);
      return request === undefined ? 'irrelevant' : { hints: [], correlation: request };
    },
  })),
  {
    source,
    name: 'CreateAccountResult',
    loggedIn: 'management account',
    evidence: 'sample',
    looksAt:
      'the new account, all parts, and its delegation; nothing when the creation failed; without a readable account id, everything',
    explains: { created: true },
    read: ({ serviceEventDetails }, { managementAccountId }) => {
      const state = upperCaseAt(serviceEventDetails, 'createAccountStatus', 'state');
      if (state === 'FAILED' || state === 'IN_PROGRESS') return 'irrelevant';
      const named = accountIdAt(serviceEventDetails, 'createAccountStatus', 'accountId');
      const [accountId] = named === undefined ? findAccountIds([serviceEventDetails], managementAccountId, 1) : [named];
      const meaning = lookWhereNamed(accountId, lookAtMember);
      const request = requestId(serviceEventDetails);
      return meaning === 'irrelevant' || request === undefined ? meaning : { ...meaning, correlation: request };
    },
  },
];

/** `car-` and 8 to 32 letters and digits, as the API reference has it. */
function requestId(details: unknown): string | undefined {
  const id = textAt(details, 'createAccountStatus', 'id');
  return id !== undefined && /^car-[a-z0-9]{8,32}$/.test(id) ? id : undefined;
}
