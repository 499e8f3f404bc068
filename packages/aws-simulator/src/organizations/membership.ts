import type { AccountRecord, DepartureMethod, JoinedMethod } from '../model/records.js';
import type { World } from '../world.js';

/** How accounts come and go, and what AWS tells of it. */

const organizationsService = 'organizations.amazonaws.com';

/** Puts the account into the root and tells the management account. */
export function join(
  world: World,
  account: Omit<AccountRecord, 'parentId' | 'joinedAt' | 'joinedMethod'>,
  method: JoinedMethod,
): void {
  const { store } = world;
  const joinedAt = world.now();
  store.put('accounts', account.id, { ...account, parentId: store.identity.rootId, joinedAt, joinedMethod: method });
  store.remove('departures', account.id);
  if (account.tags.size > 0) store.put('everTagged', account.id, true);
}

export function tellJoined(world: World, accountId: string, method: JoinedMethod): void {
  world.events.emitServiceEvent({
    name: 'AccountJoinedOrganization',
    invokedBy: organizationsService,
    details: { ...whichAccount(world, accountId), joinedMethod: method, joinedTime: new Date(world.now()).toISOString() },
  });
}

/** Takes the account out, with its tags and its delegations. */
export function depart(world: World, account: AccountRecord, method: DepartureMethod): void {
  const { store } = world;
  for (const [key, { accountId }] of store.tables.delegations) {
    if (accountId === account.id) store.remove('delegations', key);
  }
  store.remove('accounts', account.id);
  store.remove('everTagged', account.id);
  store.put('departures', account.id, { account, method, departedAt: world.now() });
}

export function tellDeparted(world: World, accountId: string, method: DepartureMethod): void {
  world.events.emitServiceEvent({
    name: 'AccountDepartedOrganization',
    invokedBy: organizationsService,
    details: { ...whichAccount(world, accountId), departureMethod: method, departureTime: new Date(world.now()).toISOString() },
  });
}

/** AWS published the two methods and times, but not where the account's id stands. */
function whichAccount({ store, behaviours }: World, accountId: string): object {
  const { id, managementAccountId } = store.identity;
  return {
    organizationId: id,
    managementAccountId,
    ...(behaviours().membershipEventsWithoutAccountId ? {} : { accountId }),
  };
}
