import { payloadTime } from '../events/times.js';
import { accountArn, idPatterns, newAccountCreationId, newAccountId } from '../model/ids.js';
import type { AccountCreationRecord, AccountRecord } from '../model/records.js';
import { AwsError, accountNotFound, constraintViolation } from '../wire/errors.js';
import { optionalText, tags, text, type Input } from '../wire/fields.js';
import type { World } from '../world.js';
import { awaitCleaning } from './life-cycle.js';
import { depart, join, tellDeparted, tellJoined } from './membership.js';
import { write } from './operation.js';
import { accountCreationShape } from './shapes.js';
import { withMaskedTags } from './tag-operations.js';

const mask = '****';
/** Printable ASCII only: CreateAccount takes no other name, while accounts of older days may have one. */
const accountNameRules = { pattern: /^[\u0020-\u007e]+$/, minimum: 1, maximum: 50 };
const emailRules = { pattern: /^[^\s@]+@[^\s@]+\.[^\s@]+$/, minimum: 6, maximum: 64 };

export const createAccount = write(
  ({ world }, input) => {
    const wanted = {
      email: text(input, 'email', emailRules),
      name: text(input, 'accountName', accountNameRules),
      tags: tags(input),
    };
    optionalText(input, 'roleName', { pattern: /^[\w+=,.@-]{1,64}$/ });
    const { store, random } = world;
    const id = newAccountCreationId(random, (taken) => store.tables.accountCreations.has(taken));
    const creation: AccountCreationRecord = { id, accountName: wanted.name, state: 'IN_PROGRESS', requestedAt: world.now() };
    store.put('accountCreations', id, creation);
    return {
      output: { CreateAccountStatus: accountCreationShape(creation) },
      afterwards: () =>
        world.timers.later(world.behaviours().createAccountDelayMs, () => completeCreation(world, creation, wanted)),
    };
  },
  {
    requestParameters: (input, behaviours) => ({
      ...withMaskedTags(input, behaviours),
      ...('email' in input ? { email: mask } : {}),
      ...('accountName' in input ? { accountName: mask } : {}),
    }),
    responseElements: (output) => ({ createAccountStatus: { ...(output['createAccountStatus'] as object), accountName: mask } }),
  },
);

function completeCreation(
  world: World,
  creation: AccountCreationRecord,
  wanted: Pick<AccountRecord, 'email' | 'name' | 'tags'>,
): void {
  const { store, behaviours, random, timers } = world;
  const completedAt = world.now();
  const emailIsTaken = [...store.tables.accounts.values()].some(
    ({ email }) => email.toLowerCase() === wanted.email.toLowerCase(),
  );
  const accountId = newAccountId(random, (id) => store.tables.accounts.has(id) || store.tables.departures.has(id));
  const completed: AccountCreationRecord = emailIsTaken
    ? { ...creation, state: 'FAILED', failureReason: 'EMAIL_ALREADY_EXISTS', completedAt }
    : { ...creation, state: 'SUCCEEDED', accountId, completedAt };
  store.put('accountCreations', creation.id, completed);
  const { activationDelayMs } = behaviours();
  if (!emailIsTaken) {
    const state = activationDelayMs > 0 ? 'PENDING_ACTIVATION' : 'ACTIVE';
    join(world, { id: accountId, arn: accountArn(store.identity, accountId), ...wanted, state }, 'CREATED');
  }
  world.events.emitServiceEvent({
    name: 'CreateAccountResult',
    invokedBy: 'AWS Internal',
    details: {
      createAccountStatus: {
        id: completed.id,
        state: completed.state,
        accountName: mask,
        ...(emailIsTaken ? { failureReason: completed.failureReason } : { accountId }),
        requestedTimestamp: payloadTime(new Date(completed.requestedAt)),
        completedTimestamp: payloadTime(new Date(completedAt)),
      },
    },
  });
  if (emailIsTaken) return;
  tellJoined(world, accountId, 'CREATED');
  if (activationDelayMs > 0) timers.later(activationDelayMs, () => changeState(world, accountId, 'PENDING_ACTIVATION', 'ACTIVE'));
}

export const closeAccount = write(({ world }, input) => {
  const account = closable(world, memberOf(world, input));
  const requestedAt = world.now();
  beginClosing(world, account);
  return { afterwards: () => finishClosing(world, account.id, () => tellClosed(world, account.id, requestedAt)) };
});

/** Account Management's call, by which a member closes itself: logged there, and no result of it reaches the management account. */
export const closeOwnAccount = write(
  ({ world, caller }) => {
    const account = closable(world, memberOf(world, { accountId: caller.accountId }));
    beginClosing(world, account);
    return { afterwards: () => finishClosing(world, account.id) };
  },
  { callers: 'members', source: 'account', requestParameters: () => null },
);

function closable(world: World, account: AccountRecord): AccountRecord {
  if (account.id === world.store.identity.managementAccountId) {
    throw constraintViolation('CANNOT_CLOSE_MANAGEMENT_ACCOUNT', 'You cannot close the management account.');
  }
  if (account.state === 'PENDING_CLOSURE' || account.state === 'CLOSED') {
    throw new AwsError('AccountAlreadyClosedException', 'The account is already closed.');
  }
  return account;
}

const beginClosing = ({ store }: World, account: AccountRecord): void =>
  store.put('accounts', account.id, { ...account, state: 'PENDING_CLOSURE' });

function finishClosing(world: World, accountId: string, tell: () => void = () => undefined): void {
  const { store, timers, behaviours } = world;
  timers.later(behaviours().closeAccountDelayMs, () => {
    const account = store.tables.accounts.get(accountId);
    if (account?.state !== 'PENDING_CLOSURE') return;
    const closed: AccountRecord = { ...account, state: 'CLOSED', closedAt: world.now() };
    store.put('accounts', accountId, closed);
    awaitCleaning(world, closed);
    tell();
  });
}

function tellClosed(world: World, accountId: string, requestedAt: number): void {
  world.events.emitServiceEvent({
    name: 'CloseAccountResult',
    invokedBy: 'organizations.amazonaws.com',
    details: {
      closeAccountStatus: {
        accountId,
        state: 'SUCCEEDED',
        requestedTimestamp: payloadTime(new Date(requestedAt)),
        completedTimestamp: payloadTime(new Date(world.now())),
      },
    },
  });
}

export const moveAccount = write(({ world: { store } }, input) => {
  const accountId = text(input, 'accountId', { pattern: idPatterns.account });
  const sourceParentId = text(input, 'sourceParentId', { pattern: idPatterns.parent });
  const destinationParentId = text(input, 'destinationParentId', { pattern: idPatterns.parent });
  const account = store.tables.accounts.get(accountId);
  if (account === undefined) throw accountNotFound();
  if (!store.current.isParent(destinationParentId)) {
    throw new AwsError('DestinationParentNotFoundException', "You specified a destination parent that doesn't exist.");
  }
  if (account.parentId !== sourceParentId) {
    throw new AwsError('SourceParentNotFoundException', "You specified a source parent that doesn't contain the account.");
  }
  if (sourceParentId === destinationParentId) {
    throw new AwsError('DuplicateAccountException', 'The account is already present in the destination.');
  }
  store.put('accounts', accountId, { ...account, parentId: destinationParentId });
  return {};
});

export const removeAccountFromOrganization = write(({ world }, input) => {
  const account = leavingMember(world, memberOf(world, input));
  depart(world, account, 'REMOVED');
  return { afterwards: () => tellDeparted(world, account.id, 'REMOVED') };
});

/** Called by the member itself, so its call is logged in the member's account; the management account learns of the departure. */
export const leaveOrganization = write(
  ({ world, caller }) => {
    const account = leavingMember(world, memberOf(world, { accountId: caller.accountId }));
    depart(world, account, 'LEFT');
    return { afterwards: () => tellDeparted(world, account.id, 'LEFT') };
  },
  { callers: 'members', requestParameters: () => null },
);

/**
 * Account Management's call. The management account names the member; an account that renames itself names none, and the call is logged there.
 */
export const putAccountName = write(
  ({ world, caller }, input) => {
    const name = text(input, 'accountName', { pattern: /^[ -;=?-~]+$/, minimum: 1, maximum: 50 });
    const account = memberOf(world, { accountId: input['accountId'] ?? caller.accountId });
    world.store.put('accounts', account.id, { ...account, name });
    return {};
  },
  { callers: 'members', source: 'account', requestParameters: (input) => ({ ...input, accountName: mask }) },
);

/** False where the account has gone on, or away, meanwhile. */
export function changeState(
  { store }: World,
  accountId: string,
  from: AccountRecord['state'],
  to: AccountRecord['state'],
): boolean {
  const account = store.tables.accounts.get(accountId);
  if (account?.state !== from) return false;
  store.put('accounts', accountId, { ...account, state: to });
  return true;
}

function memberOf({ store }: World, input: Input): AccountRecord {
  const account = store.tables.accounts.get(text(input, 'accountId', { pattern: idPatterns.account }));
  if (account === undefined) throw accountNotFound();
  return account;
}

function leavingMember({ store }: World, account: AccountRecord): AccountRecord {
  if (account.id === store.identity.managementAccountId) {
    throw new AwsError('MasterCannotLeaveOrganizationException', 'The management account cannot leave the organization.');
  }
  if (store.current.isDelegatedAdministrator(account.id)) {
    throw constraintViolation(
      'CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG',
      'You cannot remove an account that is registered as a delegated administrator.',
    );
  }
  if (account.state === 'PENDING_CLOSURE' || account.state === 'CLOSED') {
    throw constraintViolation('ACCOUNT_CANNOT_LEAVE_ORGANIZATION', 'A closed account cannot leave the organization.');
  }
  return account;
}
