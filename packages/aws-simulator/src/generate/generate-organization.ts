import {
  accountArn,
  handshakeArn,
  newAccountId,
  newHandshakeId,
  newOrganizationalUnitId,
  organizationalUnitArn,
  organizationArn,
  rootArn,
} from '../model/ids.js';
import { emptyTables, type AccountRecord, type OrganizationIdentity, type Tables } from '../model/records.js';
import { delegationKey } from '../organizations/delegation-operations.js';
import { createRandom, type Random } from '../random.js';
import { accountName, emailAddress, servicePrincipals, unitName } from './names.js';
import { someTags } from './tags.js';

export interface OrganizationShape {
  seed: number;
  /** The management account included; at least 1. */
  accounts: number;
  organizationalUnits: number;
  /** Levels of organizational units below the root, at most 5; default 3, for large organizations more. */
  levels?: number;
  /** When the open invitation was sent and the closed account closed, epoch milliseconds: neither stays for ever. */
  invitedAt?: number;
}

export interface GeneratedOrganization {
  identity: OrganizationIdentity;
  tables: Tables;
}

/** All other generated moments lie in the eight years before this one, whatever the clock says. */
const lastMoment = Date.UTC(2026, 5, 1);
const eightYearsMs = 8 * 365 * 24 * 3_600_000;

/** An organization that follows from its seed and shape alone. */
export function generateOrganization({
  seed,
  accounts,
  organizationalUnits,
  levels,
  invitedAt = lastMoment,
}: OrganizationShape): GeneratedOrganization {
  const random = createRandom(seed);
  const tables = emptyTables();
  const managementAccountId = `${random.integer(1, 9)}${random.text(11, '0123456789')}`;
  const id = `o-${random.text(10)}`;
  const rootId = `r-${random.text(4)}`;
  const arns = { partition: 'aws', managementAccountId, id };
  const identity: OrganizationIdentity = { ...arns, arn: organizationArn(arns), rootId };
  tables.roots.set(rootId, { id: rootId, arn: rootArn(arns, rootId), name: 'Root', tags: new Map([['ManagedBy', 'platform']]) });
  const depth = levels ?? (organizationalUnits <= 30 ? 3 : organizationalUnits <= 100 ? 4 : 5);
  const parents = addUnits(random, identity, tables, organizationalUnits, depth);
  addAccounts(random, identity, tables, { count: accounts, parents });
  makeSpecial(random, identity, tables, invitedAt);
  for (const record of [...tables.roots.values(), ...tables.organizationalUnits.values(), ...tables.accounts.values()]) {
    if (record.tags.size > 0) tables.everTagged.set(record.id, true);
  }
  return { identity, tables };
}

/** First one chain down to the full depth, then anywhere that may still have children. Answers with the places for accounts. */
function addUnits(random: Random, identity: OrganizationIdentity, tables: Tables, count: number, depth: number): string[] {
  const places: { id: string; level: number; names: Set<string> }[] = [{ id: identity.rootId, level: 0, names: new Set() }];
  for (let index = 0; index < count; index += 1) {
    const open = places.filter(({ level }) => level < depth);
    const parent = (index < depth ? places.at(-1) : random.pick(open)) ?? places[0];
    if (parent === undefined) break;
    const id = newOrganizationalUnitId(random, identity.rootId, (taken) => tables.organizationalUnits.has(taken));
    const level = parent.level + 1;
    const drawn = unitName(random, level);
    const name = parent.names.has(drawn) ? `${drawn} ${parent.names.size + 1}` : drawn;
    parent.names.add(name);
    const tags = random.chance(0.4) ? someTags(random, index) : new Map<string, string>();
    tables.organizationalUnits.set(id, { id, arn: organizationalUnitArn(identity, id), name, parentId: parent.id, tags });
    places.push({ id, level, names: new Set() });
  }
  const ids = places.map(({ id }) => id);
  // The last unit stays empty: it is in no account's path, and can be deleted.
  return ids.length > 3 ? ids.slice(0, -1) : ids;
}

function addAccounts(
  random: Random,
  identity: OrganizationIdentity,
  tables: Tables,
  { count, parents }: { count: number; parents: readonly string[] },
): void {
  const { managementAccountId, rootId } = identity;
  const add = (
    account: Pick<AccountRecord, 'id' | 'name' | 'email' | 'joinedMethod' | 'joinedAt' | 'parentId' | 'tags'>,
  ): void => {
    tables.accounts.set(account.id, { ...account, arn: accountArn(identity, account.id), state: 'ACTIVE' });
  };
  const beginning = lastMoment - eightYearsMs;
  add({
    id: managementAccountId,
    name: 'Acme Management',
    email: 'aws+management@example.com',
    joinedMethod: 'INVITED',
    joinedAt: beginning,
    parentId: rootId,
    tags: new Map([['Production', 'true']]),
  });
  for (let index = 0; index < count - 1; index += 1) {
    const drawn = newAccountId(random, (id) => tables.accounts.has(id) || tables.accounts.has(`00${id.slice(2)}`));
    const id = index % 17 === 3 ? `00${drawn.slice(2)}` : drawn;
    const name = accountName(random, index);
    add({
      id,
      name,
      email: emailAddress(name, index + 1),
      joinedMethod: random.chance(0.25) ? 'INVITED' : 'CREATED',
      joinedAt: beginning + Math.floor(random.next() * eightYearsMs),
      parentId: random.chance(0.05) ? rootId : random.pick(parents),
      tags: someTags(random, index),
    });
  }
}

/** The accounts that every organization of some age has: suspended, closed, skipped, delegated, invited. */
function makeSpecial(random: Random, identity: OrganizationIdentity, tables: Tables, invitedAt: number): void {
  const members = random.shuffled([...tables.accounts.values()].filter(({ id }) => id !== identity.managementAccountId));
  const change = (account: AccountRecord | undefined, changed: (account: AccountRecord) => Partial<AccountRecord>): void => {
    if (account !== undefined) tables.accounts.set(account.id, { ...account, ...changed(account) });
  };
  const [suspended, closed, skipped, alsoSkipped, administrator, otherAdministrator] = members;
  const skip = ({ tags }: AccountRecord) => ({
    tags: new Map([...[...tags].slice(0, 49), ['j1-integration', 'SKIP']] as [string, string][]),
  });
  change(suspended, () => ({ state: 'SUSPENDED' }));
  change(closed, () => ({ state: 'CLOSED', closedAt: invitedAt }));
  change(skipped, skip);
  change(alsoSkipped, skip);
  const delegate = (account: AccountRecord | undefined, services: readonly string[]): void => {
    for (const servicePrincipal of account === undefined ? [] : services) {
      const accountId = account?.id ?? '';
      const enabledAt = lastMoment - random.integer(1, 300) * 86_400_000;
      tables.delegations.set(delegationKey(accountId, servicePrincipal), { accountId, servicePrincipal, enabledAt });
    }
  };
  delegate(administrator, servicePrincipals.slice(0, 2));
  delegate(otherAdministrator, servicePrincipals.slice(3, 4));
  const handshakeId = newHandshakeId(random, (id) => tables.handshakes.has(id));
  tables.handshakes.set(handshakeId, {
    id: handshakeId,
    arn: handshakeArn(identity, handshakeId),
    state: 'OPEN',
    target: { type: 'EMAIL', id: 'aws+acquired-company@example.com' },
    notes: 'Welcome to our organization — see you "inside".',
    tags: new Map(),
    requestedAt: invitedAt,
    expiresAt: invitedAt + 15 * 86_400_000,
  });
}
