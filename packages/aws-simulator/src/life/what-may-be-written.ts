import type { AccountRecord } from '../model/records.js';
import type { Random } from '../random.js';
import type { Simulator } from '../simulator.js';

export interface Bounds {
  /** No write makes the organization smaller than this many accounts. */
  leastAccounts: number;
  /** No write makes it larger than this. */
  mostAccounts: number;
  /** Accounts that are left as they are. */
  atRest: ReadonlySet<string>;
}

/** In what a write is drawn. */
export interface Setting {
  simulator: Simulator;
  random: Random;
  bounds: Bounds;
  as: string;
}

const managementAccountId = ({ simulator }: Setting): string => simulator.organization.identity.managementAccountId;

const knownBounds = new WeakMap<Simulator, Bounds>();

/** From the size at the first time of asking; the accounts that show a state of their own are left at rest. */
export function boundsOf(simulator: Simulator): Bounds {
  const known = knownBounds.get(simulator);
  if (known !== undefined) return known;
  const accounts = [...simulator.organization.accounts.values()];
  const skipped = accounts.filter(({ tags }) => tags.get('j1-integration') === 'SKIP').slice(0, 1);
  const atRest = new Set(
    [...skipped, ...accounts.filter(({ state }) => state === 'SUSPENDED' || state === 'CLOSED')].map(({ id }) => id),
  );
  const bounds = { leastAccounts: Math.ceil(accounts.length * 0.8), mostAccounts: Math.floor(accounts.length * 1.5), atRest };
  knownBounds.set(simulator, bounds);
  return bounds;
}

export const isOpen = (state: AccountRecord['state']): boolean => state !== 'CLOSED' && state !== 'PENDING_CLOSURE';

function openCount({ simulator }: Setting): number {
  return [...simulator.organization.accounts.values()].filter(({ state }) => isOpen(state)).length;
}

/** Closed accounts are on their way out: they count for growth, not for what is left. */
export const mayGrow = (setting: Setting): boolean => setting.simulator.organization.accounts.size < setting.bounds.mostAccounts;
export const mayShrink = (setting: Setting): boolean => openCount(setting) > setting.bounds.leastAccounts;

/** All but the management account and those at rest. */
export function members(setting: Setting): AccountRecord[] {
  const management = managementAccountId(setting);
  return [...setting.simulator.organization.accounts.values()].filter(
    ({ id }) => id !== management && !setting.bounds.atRest.has(id),
  );
}

/** One that AWS lets go: open, and no delegated administrator. */
export function leaving(setting: Setting): AccountRecord | undefined {
  const { organization } = setting.simulator;
  if (!mayShrink(setting)) return undefined;
  return pickFrom(
    setting.random,
    members(setting).filter(({ id, state }) => isOpen(state) && !organization.isDelegatedAdministrator(id)),
  );
}

/** The root and all organizational units. */
export const parents = ({ simulator: { organization } }: Setting): string[] => [
  organization.root.id,
  ...organization.organizationalUnits.keys(),
];

export const taggable = (setting: Setting): string[] => [
  ...parents(setting),
  ...members(setting).map(({ id }) => id),
  managementAccountId(setting),
];

export const openHandshakes = ({ simulator }: Setting): string[] =>
  [...simulator.organization.handshakes.values()].filter(({ state }) => state === 'OPEN').map(({ id }) => id);

/** Draws nothing where there is nothing to draw from. */
export const pickFrom = <T>(random: Random, items: readonly T[]): T | undefined =>
  items.length === 0 ? undefined : random.pick(items);
