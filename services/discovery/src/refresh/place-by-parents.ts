import { optional } from './optional-read.js';
import type { AccountListing, AccountListingOptions } from './list-accounts.js';
import { placementByParents, type ParentsContext } from './placement-by-parents.js';
import { parentsRead } from './sync-findings.js';

/**
 * Where AWS gives no `Paths` of a few accounts: the parent of each by its own call. Then they are passed on, each with its place if it has
 * one. Resolves to the roots and OUs above them.
 */
export async function placeByParents(
  context: ParentsContext,
  { unplaced }: Pick<AccountListing, 'unplaced'>,
  { listed, add, problems }: Pick<AccountListingOptions, 'listed' | 'add' | 'problems'>,
): Promise<ReadonlySet<string>> {
  const above = new Set<string>();
  await Promise.all(
    [...unplaced.values()].map(async (account) => {
      const placement = await optional(parentsRead, problems, () => placementByParents(context, account.id));
      for (const id of placement?.ancestorIds ?? []) above.add(id);
      await add([listed.account(account, placement)]);
    }),
  );
  return above;
}
