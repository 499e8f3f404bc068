import { emailAddress, people, plainAccountName, servicePrincipals, unitName } from '../generate/names.js';
import { maximumLevels } from '../organizations/organizational-unit-writes.js';
import type { Random } from '../random.js';
import type { Simulator } from '../simulator.js';
import { AwsError } from '../wire/errors.js';
import {
  boundsOf,
  isOpen,
  leaving,
  mayGrow,
  mayShrink,
  members,
  openHandshakes,
  parents,
  pickFrom,
  taggable,
  type Bounds,
  type Setting,
} from './what-may-be-written.js';

/** What a random write did. */
export interface RandomWrite {
  /** The API's name, or `Clean` for what AWS does 90 days after a closing. */
  readonly operation: string;
  /** For people: `MoveAccount 123456789012 to ou-…`. */
  readonly description: string;
  /** The account, organizational unit, root or handshake it was done to. */
  readonly subject: string;
}

/** Does the write, or answers `undefined` where there is nothing to do it to. */
type Attempt = (setting: Setting) => RandomWrite | undefined;

/** Everything that can be written, by name. */
export const writes = {
  CreateAccount: (setting) => {
    const { simulator, random, as } = setting;
    if (!mayGrow(setting)) return undefined;
    const accountName = plainAccountName(random);
    const email = emailAddress(accountName, random.integer(100_000, 999_999_999));
    const tags = { CostCenter: String(random.integer(0, 9999)).padStart(6, '0') };
    const { requestId, accountId } = simulator.actions.createAccount({ accountName, email, tags, as });
    return {
      operation: 'CreateAccount',
      subject: accountId ?? requestId,
      description: `CreateAccount "${accountName}" (${accountId ?? requestId})`,
    };
  },
  InviteAccountToOrganization: (setting) => {
    const { simulator, random, as } = setting;
    const target = { type: 'EMAIL' as const, id: emailAddress('invited', random.integer(100_000, 999_999_999)) };
    const { handshakeId } = simulator.actions.inviteAccountToOrganization({ target, notes: 'Join us.', as });
    return {
      operation: 'InviteAccountToOrganization',
      subject: handshakeId,
      description: `InviteAccountToOrganization ${handshakeId}`,
    };
  },
  AcceptHandshake: (setting) => {
    const handshakeId = pickFrom(setting.random, openHandshakes(setting));
    if (handshakeId === undefined || !mayGrow(setting)) return undefined;
    const { accountId } = setting.simulator.actions.acceptHandshake({ handshakeId });
    return { operation: 'AcceptHandshake', subject: handshakeId, description: `AcceptHandshake ${handshakeId} by ${accountId}` };
  },
  CancelHandshake: (setting) => {
    const { simulator, random, as } = setting;
    const handshakeId = pickFrom(random, openHandshakes(setting));
    if (handshakeId === undefined) return undefined;
    simulator.actions.cancelHandshake({ handshakeId, as });
    return { operation: 'CancelHandshake', subject: handshakeId, description: `CancelHandshake ${handshakeId}` };
  },
  MoveAccount: (setting) => {
    const { simulator, random, as } = setting;
    const account = pickFrom(random, members(setting));
    if (account === undefined) return undefined;
    const destinationParentId = pickFrom(
      random,
      parents(setting).filter((id) => id !== account.parentId),
    );
    if (destinationParentId === undefined) return undefined;
    simulator.actions.moveAccount({ accountId: account.id, destinationParentId, as });
    return { operation: 'MoveAccount', subject: account.id, description: `MoveAccount ${account.id} to ${destinationParentId}` };
  },
  TagResource: (setting) => {
    const { simulator, random, as } = setting;
    const resourceId = random.pick(taggable(setting));
    const key = random.pick(['Team', 'CostCenter', 'tag with spaces', 'Email', 'empty']);
    const value = key === 'empty' ? '' : `00${random.integer(0, 9999)} ${random.text(4)}`;
    if ((simulator.organization.tagsOf(resourceId)?.size ?? 0) >= 50) return undefined;
    simulator.actions.tagResource({ resourceId, tags: { [key]: value }, as });
    return { operation: 'TagResource', subject: resourceId, description: `TagResource ${resourceId} ${key}=${value}` };
  },
  UntagResource: (setting) => {
    const { simulator, random, as } = setting;
    const resourceId = pickFrom(
      random,
      taggable(setting).filter((id) => (simulator.organization.tagsOf(id)?.size ?? 0) > 0),
    );
    if (resourceId === undefined) return undefined;
    const key = random.pick([...(simulator.organization.tagsOf(resourceId)?.keys() ?? [])]);
    simulator.actions.untagResource({ resourceId, tagKeys: [key], as });
    return { operation: 'UntagResource', subject: resourceId, description: `UntagResource ${resourceId} ${key}` };
  },
  PutAccountName: (setting) => {
    const { simulator, random, as } = setting;
    const account = pickFrom(random, members(setting));
    if (account === undefined) return undefined;
    const accountName = plainAccountName(random);
    simulator.actions.putAccountName({ accountId: account.id, accountName, as });
    return { operation: 'PutAccountName', subject: account.id, description: `PutAccountName ${account.id} "${accountName}"` };
  },
  CreateOrganizationalUnit: (setting) => {
    const { simulator, random, as } = setting;
    const { organization } = simulator;
    const parentId = random.pick(parents(setting).filter((id) => organization.levelOf(id) < maximumLevels));
    const name = `${unitName(random, organization.levelOf(parentId) + 1)} ${random.text(4)}`;
    const { organizationalUnitId } = simulator.actions.createOrganizationalUnit({ parentId, name, as });
    return {
      operation: 'CreateOrganizationalUnit',
      subject: organizationalUnitId,
      description: `CreateOrganizationalUnit "${name}" in ${parentId}`,
    };
  },
  UpdateOrganizationalUnit: (setting) => {
    const { simulator, random, as } = setting;
    const unit = pickFrom(random, [...simulator.organization.organizationalUnits.values()]);
    if (unit === undefined) return undefined;
    const name = `${unitName(random, simulator.organization.levelOf(unit.id))} ${random.text(4)}`;
    simulator.actions.updateOrganizationalUnit({ organizationalUnitId: unit.id, name, as });
    return {
      operation: 'UpdateOrganizationalUnit',
      subject: unit.id,
      description: `UpdateOrganizationalUnit ${unit.id} "${name}"`,
    };
  },
  DeleteOrganizationalUnit: (setting) => {
    const { simulator, random, as } = setting;
    const { organization } = simulator;
    const empty = [...organization.organizationalUnits.keys()].filter((id) => {
      const { accounts, organizationalUnits } = organization.childrenOf(id);
      return accounts.length + organizationalUnits.length === 0;
    });
    const organizationalUnitId = pickFrom(random, empty);
    if (organizationalUnitId === undefined) return undefined;
    simulator.actions.deleteOrganizationalUnit({ organizationalUnitId, as });
    return {
      operation: 'DeleteOrganizationalUnit',
      subject: organizationalUnitId,
      description: `DeleteOrganizationalUnit ${organizationalUnitId}`,
    };
  },
  RemoveAccountFromOrganization: (setting) => {
    const { simulator, as } = setting;
    const account = leaving(setting);
    if (account === undefined) return undefined;
    simulator.actions.removeAccountFromOrganization({ accountId: account.id, as });
    return {
      operation: 'RemoveAccountFromOrganization',
      subject: account.id,
      description: `RemoveAccountFromOrganization ${account.id}`,
    };
  },
  LeaveOrganization: (setting) => {
    const account = leaving(setting);
    if (account === undefined) return undefined;
    setting.simulator.actions.leaveOrganization({ accountId: account.id });
    return { operation: 'LeaveOrganization', subject: account.id, description: `LeaveOrganization ${account.id}` };
  },
  CloseAccount: (setting) => {
    const { simulator, random, as } = setting;
    const open = members(setting).filter(
      ({ id, state }) => isOpen(state) && !simulator.organization.isDelegatedAdministrator(id),
    );
    const account = mayShrink(setting) ? pickFrom(random, open) : undefined;
    if (account === undefined) return undefined;
    simulator.actions.closeAccount({ accountId: account.id, as });
    return { operation: 'CloseAccount', subject: account.id, description: `CloseAccount ${account.id}` };
  },
  Clean: (setting) => {
    const account = mayShrink(setting)
      ? pickFrom(
          setting.random,
          members(setting).filter(({ state }) => state === 'CLOSED'),
        )
      : undefined;
    if (account === undefined) return undefined;
    setting.simulator.actions.clean(account.id);
    return { operation: 'Clean', subject: account.id, description: `Clean ${account.id}: closed 90 days ago` };
  },
  RegisterDelegatedAdministrator: (setting) => {
    const { simulator, random, as } = setting;
    const account = pickFrom(
      random,
      members(setting).filter(({ state }) => state === 'ACTIVE'),
    );
    if (account === undefined) return undefined;
    const servicePrincipal = random.pick(servicePrincipals);
    if (simulator.organization.delegations.has(`${account.id}|${servicePrincipal}`)) return undefined;
    simulator.actions.registerDelegatedAdministrator({ accountId: account.id, servicePrincipal, as });
    return {
      operation: 'RegisterDelegatedAdministrator',
      subject: account.id,
      description: `RegisterDelegatedAdministrator ${account.id} ${servicePrincipal}`,
    };
  },
  DeregisterDelegatedAdministrator: (setting) => {
    const { simulator, random, as } = setting;
    const delegation = pickFrom(random, [...simulator.organization.delegations.values()]);
    if (delegation === undefined) return undefined;
    const { accountId, servicePrincipal } = delegation;
    simulator.actions.deregisterDelegatedAdministrator({ accountId, servicePrincipal, as });
    return {
      operation: 'DeregisterDelegatedAdministrator',
      subject: accountId,
      description: `DeregisterDelegatedAdministrator ${accountId} ${servicePrincipal}`,
    };
  },
} satisfies Record<string, Attempt>;

export type WriteName = keyof typeof writes;

/**
 * One write, each kind as likely as the others; what cannot be done at the moment, or is refused, is drawn again. Without bounds of its own the
 * organization stays between 80 % and 150 % of its accounts at the first call.
 */
export function randomWrite(simulator: Simulator, random: Random, bounds: Bounds = boundsOf(simulator)): RandomWrite {
  return writeOneOf(simulator, random, { names: Object.keys(writes) as WriteName[], bounds });
}

export function writeOneOf(
  simulator: Simulator,
  random: Random,
  { names, bounds }: { names: readonly WriteName[]; bounds: Bounds },
): RandomWrite {
  const { managementAccountId: managementAccount } = simulator.organization.identity;
  const as = `arn:aws:sts::${managementAccount}:assumed-role/platform-admin/${random.pick(people)}`;
  for (;;) {
    const done = attempt(writes[random.pick(names)], { simulator, random, bounds, as });
    if (done !== undefined) return done;
  }
}

/** AWS may refuse what was drawn (a name that is taken, somebody who is invited already), in earnest and with its event: no reason to end. */
function attempt(write: Attempt, setting: Setting): RandomWrite | undefined {
  try {
    return write(setting);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}
