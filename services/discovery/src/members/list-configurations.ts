import type pg from 'pg';
import type { StoredIntegration } from '../integrations/integration.js';
import { countAssets } from './sql/count-assets.js';
import { listMembers, type ListedMember } from './sql/list-members.js';

export interface Configuration {
  accountId: string;
  name: string;
  status: string;
  cause?: string;
  since?: Date;
  /** Live entities of the graph that count for it. */
  assets: number;
  path: { id: string; name: string }[];
}

export interface MemberFilter {
  status?: readonly string[] | undefined;
  /** Below this root or organizational unit. */
  ou?: string | undefined;
  /** In the name or the account id, without regard to case. */
  text?: string | undefined;
  /** Also those that left. */
  removed?: boolean | undefined;
}

/**
 * The configurations of an integration: the management account, and its members. What counts for an account without a member counts
 * for the management account, so that the column's sum is the number of live entities of the integration.
 */
export async function listConfigurations(
  pool: pg.Pool,
  stored: StoredIntegration,
  filter: MemberFilter,
): Promise<{ management: Configuration & { lastFullSyncAt?: Date }; children: Configuration[]; assets: number }> {
  const members = await listMembers(pool, stored.id);
  const assets = await countAssets(pool, stored.id);
  const total = [...assets.values()].reduce((sum, count) => sum + count, 0);
  const children = members.map(({ accountId, name, status, cause, since, path }): Configuration => ({
    accountId,
    name,
    status,
    ...(cause ? { cause } : {}),
    since,
    assets: assets.get(accountId) ?? 0,
    path,
  }));
  const ofChildren = children.reduce((sum, child) => sum + child.assets, 0);
  return {
    management: {
      accountId: stored.managementAccountId ?? '',
      name: stored.settings.name,
      status: stored.condition.code,
      ...(stored.condition.cause ? { cause: stored.condition.cause } : {}),
      since: stored.condition.since,
      assets: total - ofChildren,
      path: [],
      ...(stored.lastFullSyncAt ? { lastFullSyncAt: stored.lastFullSyncAt } : {}),
    },
    children: children.filter((child) => matches(child, filter, stored)),
    assets: total,
  };
}

/** Departed members are shown when they are asked for, or when they are kept. */
export function matches(
  member: Pick<ListedMember, 'accountId' | 'name' | 'path'> & { status: string },
  { status, ou, text, removed }: MemberFilter,
  { settings }: Pick<StoredIntegration, 'settings'>,
): boolean {
  if (status !== undefined) {
    if (!status.includes(member.status)) return false;
  } else if (member.status === 'REMOVED' && settings.removeDepartedAccounts && removed !== true) return false;
  if (ou !== undefined && !member.path.some(({ id }) => id === ou)) return false;
  const wanted = text?.toLowerCase();
  return wanted === undefined || member.name.toLowerCase().includes(wanted) || member.accountId.includes(wanted);
}
