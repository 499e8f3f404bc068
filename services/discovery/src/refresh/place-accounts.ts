import type { OrganizationReader } from '@orgtrail/aws';
import type { AccountListing, AccountListingOptions } from './list-accounts.js';
import { isFatal, messageOf } from './optional-read.js';
import type { Nodes } from './walk-units.js';

/**
 * Where AWS gives no `Paths`: who hangs where, by one ListAccountsForParent per node. Then the accounts are passed on, each with its place
 * if it has one.
 */
export async function placeAccounts(
  reader: OrganizationReader,
  { ids, unplaced }: AccountListing,
  options: AccountListingOptions & { nodes: Nodes },
): Promise<void> {
  const { nodes, listed, add, incompleteBecause, meter } = options;
  const parents = new Map<string, Set<string>>();
  let nodesSearched = 0;
  meter.note({ nodesSearched });
  const search = async (parentId: string): Promise<void> => {
    try {
      for (const { id } of await reader.listAccountsForParent(parentId)) {
        parents.set(id, (parents.get(id) ?? new Set()).add(parentId));
      }
    } catch (error) {
      if (isFatal(error)) throw error;
      incompleteBecause.push(`the accounts below ${parentId} could not be listed: ${messageOf(error)}`);
    }
    nodesSearched += 1;
    meter.note({ nodesSearched });
  };
  await Promise.all([...nodes.keys()].map(search));
  for (const id of parents.keys()) {
    if (!ids.has(id)) incompleteBecause.push(`ListAccountsForParent names ${id}, which ListAccounts lacks`);
  }
  for (const account of unplaced.values()) {
    const [parentId, ...others] = parents.get(account.id) ?? [];
    const ancestorIds = parentId === undefined ? undefined : nodes.get(parentId);
    // In two places at once: it moved while we were walking. Placement is not read; the next look tells.
    const isCertain = parentId !== undefined && ancestorIds !== undefined && others.length === 0;
    await add([listed.account(account, isCertain ? { parentId, ancestorIds: [...ancestorIds] } : undefined)]);
  }
}
