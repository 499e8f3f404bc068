import { uniqueId } from './events/user-identity.js';
import {
  changeState,
  closeAccount,
  closeOwnAccount,
  createAccount,
  leaveOrganization,
  moveAccount,
  putAccountName,
  removeAccountFromOrganization,
} from './organizations/account-writes.js';
import { deregisterDelegatedAdministrator, registerDelegatedAdministrator } from './organizations/delegation-operations.js';
import {
  acceptHandshake,
  acceptingAccountId,
  cancelHandshake,
  declineHandshake,
  inviteAccountToOrganization,
  openHandshake,
} from './organizations/handshake-operations.js';
import { clean, endInvitation } from './organizations/life-cycle.js';
import type { WriteOperation } from './organizations/operation.js';
import {
  createOrganizationalUnit,
  deleteOrganizationalUnit,
  updateOrganizationalUnit,
} from './organizations/organizational-unit-writes.js';
import { perform } from './organizations/perform.js';
import { tagResource, untagResource } from './organizations/tag-operations.js';
import type { Caller } from './sts/caller.js';
import type { Input } from './wire/fields.js';
import type { World } from './world.js';

/** Who an in-process write is done by, for the event: an ARN of a user, a root user or an assumed-role session, or more. */
export type Actor = string | { arn: string; invokedBy?: string; sourceIpAddress?: string; userAgent?: string };

/** A type alias, so that inputs with it pass as plain records. */
type By = {
  /** Default: ana, in the role platform-admin of the management account. */
  as?: Actor;
};

type From = By & {
  /** The delegated administrator that calls, and in whose account the call is logged; default the management account. */
  from?: string;
};

type TagValues = Readonly<Record<string, string>>;

/**
 * Writes in process: the same operations as on the wire, with the same events, by anybody, past every behaviour that refuses calls.
 * All throw `AwsError` as AWS would answer.
 */
export interface Actions {
  /** `accountId` is there as soon as the account is: at once when `createAccountDelayMs` is 0 and the e-mail is free. */
  createAccount(input: { accountName: string; email: string; tags?: TagValues; roleName?: string } & By): {
    requestId: string;
    accountId: string | undefined;
  };
  closeAccount(input: { accountId: string } & By): void;
  /** What AWS does about 90 days after closing: the account is gone (CLEANED). It must be CLOSED. */
  clean(accountId: string): void;
  /** AWS suspends or reinstates an account, and tells nobody. */
  suspend(accountId: string): void;
  reinstate(accountId: string): void;
  /** The source parent defaults to the true one. */
  moveAccount(input: { accountId: string; sourceParentId?: string; destinationParentId: string } & By): void;
  removeAccountFromOrganization(input: { accountId: string } & By): void;
  /** Called by the member: the call itself is logged there, not in the management account. */
  leaveOrganization(input: { accountId: string } & By): void;
  putAccountName(input: { accountId: string; accountName: string } & By): void;
  /** As the member itself: no event of it reaches the management account. */
  renameOwnAccount(input: { accountId: string; accountName: string } & By): void;
  /** As the member itself: no event of it reaches the management account, not even its result. */
  closeOwnAccount(input: { accountId: string } & By): void;
  tagResource(input: { resourceId: string; tags: TagValues } & From): void;
  untagResource(input: { resourceId: string; tagKeys: readonly string[] } & From): void;
  createOrganizationalUnit(input: { parentId: string; name: string; tags?: TagValues } & By): { organizationalUnitId: string };
  updateOrganizationalUnit(input: { organizationalUnitId: string; name: string } & By): void;
  deleteOrganizationalUnit(input: { organizationalUnitId: string } & By): void;
  inviteAccountToOrganization(
    input: { target: { type: 'ACCOUNT' | 'EMAIL'; id: string }; notes?: string; tags?: TagValues } & By,
  ): { handshakeId: string };
  /** By the invited account; for an invitation by e-mail a new account id is drawn. */
  acceptHandshake(input: { handshakeId: string } & By): { accountId: string };
  declineHandshake(input: { handshakeId: string } & By): void;
  cancelHandshake(input: { handshakeId: string } & By): void;
  /** As by itself fifteen days after the invitation; AWS tells nobody. */
  expireHandshake(handshakeId: string): void;
  registerDelegatedAdministrator(input: { accountId: string; servicePrincipal: string } & By): void;
  deregisterDelegatedAdministrator(input: { accountId: string; servicePrincipal: string } & By): void;
}

const defaultActorOf = (managementAccountId: string): string =>
  `arn:aws:sts::${managementAccountId}:assumed-role/platform-admin/ana`;

export function createActions(world: World): Actions {
  const { store } = world;
  const { managementAccountId } = store.identity;

  function callerOf(accountId: string, as: Actor = defaultActorOf(accountId)): Caller {
    const { arn, invokedBy, sourceIpAddress, userAgent } = typeof as === 'string' ? { arn: as } : as;
    return {
      accountId,
      arn,
      userId: uniqueId('AIDA', arn),
      accessKeyId: uniqueId(arn.includes(':user/') ? 'AKIA' : 'ASIA', arn),
      ...(invokedBy === undefined ? {} : { invokedBy }),
      sourceIpAddress: sourceIpAddress ?? invokedBy ?? '198.51.100.23',
      userAgent: userAgent ?? invokedBy ?? 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    };
  }

  function act(
    name: string,
    operation: WriteOperation,
    { as, ...input }: By & Record<string, unknown>,
    accountId = managementAccountId,
  ) {
    return perform(world, { name, operation, input: withTagList(input), caller: callerOf(accountId, as) });
  }

  function accountOf(accountId: string) {
    const account = store.tables.accounts.get(accountId);
    if (account === undefined) throw new RangeError(`There is no account ${accountId} in the organization.`);
    return account;
  }

  return {
    createAccount: (input) => {
      const { CreateAccountStatus } = act('CreateAccount', createAccount, input) as { CreateAccountStatus: { Id: string } };
      const requestId = CreateAccountStatus.Id;
      return { requestId, accountId: store.tables.accountCreations.get(requestId)?.accountId };
    },
    closeAccount: (input) => void act('CloseAccount', closeAccount, input),
    clean: (accountId) => {
      const account = accountOf(accountId);
      if (account.state !== 'CLOSED')
        throw new RangeError(`Account ${accountId} is ${account.state}: only a CLOSED one can be cleaned.`);
      clean(world, account);
    },
    suspend: (accountId) => void changeState(world, accountId, accountOf(accountId).state, 'SUSPENDED'),
    reinstate: (accountId) => void changeState(world, accountId, 'SUSPENDED', 'ACTIVE'),
    moveAccount: ({ sourceParentId, ...input }) =>
      void act('MoveAccount', moveAccount, {
        sourceParentId: sourceParentId ?? store.tables.accounts.get(input.accountId)?.parentId ?? store.identity.rootId,
        ...input,
      }),
    removeAccountFromOrganization: (input) => void act('RemoveAccountFromOrganization', removeAccountFromOrganization, input),
    leaveOrganization: ({ accountId, ...by }) => void act('LeaveOrganization', leaveOrganization, by, accountId),
    putAccountName: (input) => void act('PutAccountName', putAccountName, input),
    renameOwnAccount: ({ accountId, ...input }) => void act('PutAccountName', putAccountName, input, accountId),
    closeOwnAccount: ({ accountId, ...by }) => void act('CloseAccount', closeOwnAccount, by, accountId),
    tagResource: ({ from, ...input }) => void act('TagResource', tagResource, input, from),
    untagResource: ({ from, ...input }) => void act('UntagResource', untagResource, input, from),
    createOrganizationalUnit: (input) => {
      const made = act('CreateOrganizationalUnit', createOrganizationalUnit, input) as { OrganizationalUnit: { Id: string } };
      return { organizationalUnitId: made.OrganizationalUnit.Id };
    },
    updateOrganizationalUnit: (input) => void act('UpdateOrganizationalUnit', updateOrganizationalUnit, input),
    deleteOrganizationalUnit: (input) => void act('DeleteOrganizationalUnit', deleteOrganizationalUnit, input),
    inviteAccountToOrganization: (input) => {
      const made = act('InviteAccountToOrganization', inviteAccountToOrganization, input) as { Handshake: { Id: string } };
      return { handshakeId: made.Handshake.Id };
    },
    acceptHandshake: ({ handshakeId, ...by }) => {
      const accountId = acceptingAccountId(world, handshakeId);
      act('AcceptHandshake', acceptHandshake, { handshakeId, ...by }, accountId);
      return { accountId };
    },
    declineHandshake: ({ handshakeId, ...by }) =>
      void act('DeclineHandshake', declineHandshake, { handshakeId, ...by }, acceptingAccountId(world, handshakeId)),
    cancelHandshake: (input) => void act('CancelHandshake', cancelHandshake, input),
    expireHandshake: (handshakeId) => void endInvitation(world, openHandshake(world, { handshakeId }), 'EXPIRED'),
    registerDelegatedAdministrator: (input) => void act('RegisterDelegatedAdministrator', registerDelegatedAdministrator, input),
    deregisterDelegatedAdministrator: (input) =>
      void act('DeregisterDelegatedAdministrator', deregisterDelegatedAdministrator, input),
  };
}

/** Tags are a list in the API, and in its events. */
function withTagList(input: object): Input {
  if (!('tags' in input) || typeof input.tags !== 'object' || input.tags === null) return { ...input };
  return { ...input, tags: Object.entries(input.tags).map(([key, value]) => ({ key, value: String(value) })) };
}
