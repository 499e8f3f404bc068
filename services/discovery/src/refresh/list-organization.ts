import {
  AwsError,
  type AccountRead,
  type HandshakeRead,
  type OrganizationalUnitRead,
  type OrganizationReader,
} from '@orgtrail/aws';
import type { OrganizationRead, RootRead } from '@orgtrail/aws';
import type { Placement, TagValues } from '../observed/subject-state.js';

export interface ListingProgress {
  accounts: number;
  organizationalUnits: number;
}

/** What one walk over the whole organization answered. Optional parts that were not read are undefined, never empty. */
export interface OrganizationListing {
  organization: OrganizationRead;
  roots: RootRead[];
  organizationalUnits: (OrganizationalUnitRead & { placement: Placement })[];
  accounts: AccountRead[];
  /** Resource id -> tags, from the bulk index. */
  tagIndex?: Map<string, TagValues>;
  /** Account id -> services; an account whose services could not be read has `undefined`. */
  delegations?: Map<string, { servicePrincipal: string; enabledAt?: Date }[] | undefined>;
  handshakes?: HandshakeRead[];
  /** Optional parts that failed: shown, never an empty answer. */
  problems: { read: string; error: string }[];
  /** Why absence from this listing says nothing (invariant 4). Empty: the listing is complete. */
  incompleteBecause: string[];
}

/**
 * Reads the whole organization the cheap way: ListAccounts with paths, one ListOrganizationalUnitsForParent per node, tags in
 * bulk. Rejects when the organization, its roots or its accounts cannot be listed; every other failure is reported in the listing.
 */
export async function listOrganization(
  reader: OrganizationReader,
  options: { managementAccountId: string; onProgress?: (progress: ListingProgress) => void },
): Promise<OrganizationListing> {
  const organization = await reader.describeOrganization();
  const progress: ListingProgress = { accounts: 0, organizationalUnits: 0 };
  const report = (part: Partial<ListingProgress>) => options.onProgress?.(Object.assign(progress, part));
  const problems: OrganizationListing['problems'] = [];
  const incompleteBecause: string[] = [];

  const roots = await reader.listRoots();
  const [accounts, organizationalUnits, tagIndex, delegations, handshakes] = await Promise.all([
    listAllAccounts(reader, { incompleteBecause, report }),
    walkOrganizationalUnits(reader, roots, { incompleteBecause, report }),
    optional('tag:GetResources', problems, () => readTagIndex(reader)),
    optional('organizations:ListDelegatedAdministrators', problems, () => listDelegations(reader, problems)),
    optional('organizations:ListHandshakesForOrganization', problems, () => reader.listHandshakes()),
  ]);
  await placeAccounts(reader, { accounts, roots, organizationalUnits, incompleteBecause });

  if (!accounts.has(options.managementAccountId)) incompleteBecause.push('ListAccounts lacks the management account');
  const parents = new Set([...roots.map(({ id }) => id), ...organizationalUnits.map(({ id }) => id)]);
  const unknownParents = [...accounts.values()]
    .flatMap(({ placement }) => placement?.ancestorIds ?? [])
    .filter((id) => !parents.has(id));
  if (unknownParents.length > 0) {
    incompleteBecause.push(`the walk lacks ${[...new Set(unknownParents)].join(', ')}, which stand in paths of accounts`);
  }
  return {
    organization,
    roots,
    organizationalUnits,
    accounts: [...accounts.values()],
    ...(tagIndex ? { tagIndex } : {}),
    ...(delegations ? { delegations } : {}),
    ...(handshakes ? { handshakes } : {}),
    problems,
    incompleteBecause,
  };
}

interface Walk {
  incompleteBecause: string[];
  report(part: Partial<ListingProgress>): void;
}

async function listAllAccounts(
  reader: OrganizationReader,
  { incompleteBecause, report }: Walk,
): Promise<Map<string, AccountRead>> {
  const accounts = new Map<string, AccountRead>();
  for await (const page of reader.listAccounts()) {
    for (const account of page) {
      const known = accounts.get(account.id);
      if (known && JSON.stringify(known) !== JSON.stringify(account)) {
        incompleteBecause.push(`ListAccounts named ${account.id} twice, differently`);
      }
      accounts.set(account.id, known ?? account);
    }
    report({ accounts: accounts.size });
  }
  return accounts;
}

async function walkOrganizationalUnits(
  reader: OrganizationReader,
  roots: readonly RootRead[],
  { incompleteBecause, report }: Walk,
): Promise<(OrganizationalUnitRead & { placement: Placement })[]> {
  const found: (OrganizationalUnitRead & { placement: Placement })[] = [];
  let level: Placement[] = roots.map(({ id }) => ({ parentId: id, ancestorIds: [id] }));
  while (level.length > 0) {
    const children = await Promise.all(
      level.map(async (placement) => {
        try {
          const units = await reader.listOrganizationalUnitsForParent(placement.parentId);
          return units.map((unit) => ({ ...unit, placement }));
        } catch (error) {
          if (isFatal(error)) throw error;
          incompleteBecause.push(`the OUs below ${placement.parentId} could not be listed: ${messageOf(error)}`);
          return [];
        }
      }),
    );
    found.push(...children.flat());
    report({ organizationalUnits: found.length });
    level = children.flat().map(({ id, placement }) => ({ parentId: id, ancestorIds: [...placement.ancestorIds, id] }));
  }
  return found;
}

/** Where AWS gives no `Paths`: who hangs where, by one ListAccountsForParent per node. */
async function placeAccounts(
  reader: OrganizationReader,
  listing: {
    accounts: Map<string, AccountRead>;
    roots: readonly RootRead[];
    organizationalUnits: readonly { id: string; placement: Placement }[];
    incompleteBecause: string[];
  },
): Promise<void> {
  const { accounts, incompleteBecause } = listing;
  const unplaced = new Set(
    [...accounts.values()].filter(({ placement, conflictingPaths }) => !placement && !conflictingPaths).map(({ id }) => id),
  );
  if (unplaced.size === 0) return;
  const parents = [
    ...listing.roots.map(({ id }) => [id]),
    ...listing.organizationalUnits.map(({ id, placement }) => [...placement.ancestorIds, id]),
  ];
  const placements = new Map<string, Placement[]>();
  await Promise.all(
    parents.map(async (ancestorIds) => {
      const parentId = ancestorIds.at(-1) ?? '';
      try {
        for (const { id } of await reader.listAccountsForParent(parentId)) {
          placements.set(id, [...(placements.get(id) ?? []), { parentId, ancestorIds }]);
        }
      } catch (error) {
        if (isFatal(error)) throw error;
        incompleteBecause.push(`the accounts below ${parentId} could not be listed: ${messageOf(error)}`);
      }
    }),
  );
  for (const [id, [placement, ...others]] of placements) {
    const account = accounts.get(id);
    if (!account) incompleteBecause.push(`ListAccountsForParent names ${id}, which ListAccounts lacks`);
    // In two places at once: it moved while we were walking. Placement is not read; the next look tells.
    else if (placement && others.length === 0 && unplaced.has(id)) accounts.set(id, { ...account, placement });
  }
}

async function readTagIndex(reader: OrganizationReader): Promise<Map<string, TagValues>> {
  const index = new Map<string, TagValues>();
  for await (const page of reader.readTagIndex()) {
    for (const { resourceId, tags } of page) index.set(resourceId, tags);
  }
  return index;
}

async function listDelegations(
  reader: OrganizationReader,
  problems: OrganizationListing['problems'],
): Promise<NonNullable<OrganizationListing['delegations']>> {
  const administrators = await reader.listDelegatedAdministrators();
  const services = await Promise.all(
    administrators.map(({ accountId }) =>
      optional('organizations:ListDelegatedServicesForAccount', problems, () => reader.listDelegatedServices(accountId)),
    ),
  );
  return new Map(administrators.map(({ accountId }, index) => [accountId, services[index]]));
}

/** An optional part that answers with an error of any shape is not read; it never fails the sync. */
async function optional<T>(
  read: string,
  problems: OrganizationListing['problems'],
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    problems.push({ read, error: messageOf(error) });
    return undefined;
  }
}

/** Without credentials or a network nothing more can be read: better to stop than to collect the same failure a hundred times. */
function isFatal(error: unknown): boolean {
  return error instanceof AwsError && ['credentials', 'not-in-organization', 'unreachable'].includes(error.kind);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
