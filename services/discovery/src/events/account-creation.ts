import type { EventKind } from './event-kind.js';
import { lookAtMember, lookWhereNamed } from './event-kind.js';
import { accountIdAt, findAccountIds, upperCaseAt } from './payload.js';

const source = 'organizations.amazonaws.com';

/** CreateAccount itself carries no account id: the result does, seconds or minutes later. */
export const accountCreation: readonly EventKind[] = [
  {
    source,
    name: 'CreateAccountResult',
    looksAt:
      'the new account, all parts, and its delegation; nothing when the creation failed; without a readable account id, everything',
    explains: { created: true },
    read: ({ serviceEventDetails }, { managementAccountId }) => {
      const state = upperCaseAt(serviceEventDetails, 'createAccountStatus', 'state');
      if (state === 'FAILED' || state === 'IN_PROGRESS') return 'irrelevant';
      const named = accountIdAt(serviceEventDetails, 'createAccountStatus', 'accountId');
      const [accountId] = named === undefined ? findAccountIds([serviceEventDetails], managementAccountId, 1) : [named];
      return lookWhereNamed(accountId, lookAtMember);
    },
  },
];
