import type { OrganizationReader } from '@orgtrail/aws';
import type { SubjectReads } from '../observed/record-reads.js';
import type { Version } from '../observed/subject-state.js';
import { subjectOfResource } from '../subjects.js';
import { createChunks } from './chunks.js';
import { listAccounts, type AccountListing } from './list-accounts.js';
import { listDelegations, listInvitations, type DelegationListing } from './list-optional-parts.js';
import { listedSubjects } from './listed-subjects.js';
import { optional } from './optional-read.js';
import { placeAccounts } from './place-accounts.js';
import { placeByParents } from './place-by-parents.js';
import { refuseForeign } from './session-proof.js';
import { sideBySide } from './side-by-side.js';
import { tagIndexRead, type ReadProblem, type SyncFindings } from './sync-findings.js';
import type { SyncKind } from './sync-kind.js';
import type { ProgressMeter } from './sync-progress.js';
import { readTagIndex } from './tag-index.js';
import { walkUnits, type Nodes } from './walk-units.js';

export interface ListingOptions {
  kind: SyncKind;
  version: Version;
  integration: { organizationId: string; managementAccountId: string };
  /** Roots and OUs that live for us. */
  knownNodes: ReadonlySet<string>;
  /** An event named an OU that was not read since: a light sync has to walk, too. */
  unitsAsked: boolean;
  meter: ProgressMeter;
  /** From what is observed. */
  ancestorsOf(nodeId: string): Promise<readonly string[] | undefined>;
  /** Takes what was read, in pieces, while the listing goes on. Resolves to what could not be stored. */
  record(subjects: readonly SubjectReads[]): Promise<ReadProblem[]>;
  /** Ends the reader, when a part without which nothing can be said has failed. */
  end(reason: unknown): void;
}

/** What one listing is able to say about what it did not name. Its content has been recorded. */
export interface OrganizationListing extends SyncFindings {
  accounts: number;
  /** Undefined: a light sync that left the OUs alone. */
  organizationalUnits: number | undefined;
  /** AWS says of accounts where they hang. */
  pathsGiven: boolean;
  /** How much the bulk tag index knows; undefined: it was not read. */
  tagIndexSize: number | undefined;
  /** Undefined: not read. */
  delegations: DelegationListing | undefined;
  handshakesRead: boolean;
}

const chunkSize = 200;

/**
 * Reads an organization the cheap way: ListAccounts with paths, one ListOrganizationalUnitsForParent per node, tags in bulk. Rejects when
 * the organization is another one, or when it, its roots or its accounts cannot be listed; every other failure is told in the listing.
 */
export async function listOrganization(reader: OrganizationReader, options: ListingOptions): Promise<OrganizationListing> {
  const { kind, integration, meter, end } = options;
  const listed = listedSubjects(options.version);
  const findings: SyncFindings = { incompleteBecause: [], walkIncompleteBecause: [], problems: [] };
  const { incompleteBecause, walkIncompleteBecause, problems } = findings;

  const organization = await reader.describeOrganization();
  refuseForeign(organization, integration.organizationId);
  const indexing = optional(tagIndexRead, problems, async () => {
    const index = await readTagIndex(reader);
    const { accountsExpected = 0 } = meter.counts;
    if (index.accounts > accountsExpected) meter.note({ accountsExpected: index.accounts });
    return index;
  });
  // Each is recorded with what the index says, so that it is published once: beyond a chunk the listing waits for the index.
  const chunks = createChunks<SubjectReads>(chunkSize, async (subjects) => {
    const index = await indexing;
    problems.push(...(await options.record(subjects.map((subject) => listed.indexed(subject, index)))));
  });
  const common = { listed, add: (subjects: readonly SubjectReads[]) => chunks.add(subjects), incompleteBecause, problems, meter };
  await chunks.add([listed.organization(organization)]);

  const walk = async (): Promise<Nodes> => {
    const roots = await reader.listRoots();
    await chunks.add(roots.map((root) => listed.root(root)));
    return walkUnits(reader, roots, { ...common, incompleteBecause: walkIncompleteBecause });
  };
  let delegations: DelegationListing | undefined;
  let handshakesRead = false;
  let accounts: AccountListing;
  let nodes: Nodes | undefined;
  let placed = false;
  if (kind === 'full') {
    [accounts, nodes, delegations, handshakesRead] = await sideBySide(
      [listAccounts(reader, common), walk(), listDelegations(reader, common), listInvitations(reader, common)],
      end,
    );
  } else {
    [accounts] = await sideBySide([listAccounts(reader, common), indexing], end);
    const { unplaced, nodesInPaths } = accounts;
    const few = isCheaperByParents(unplaced, options.knownNodes);
    const above = few ? await placeByParents({ reader, ancestorsOf: options.ancestorsOf }, accounts, common) : [];
    const isUnknown = (id: string): boolean => !options.knownNodes.has(id);
    placed = few;
    if (options.unitsAsked || !placed || [...nodesInPaths, ...above].some(isUnknown)) {
      meter.note({ walks: true });
      nodes = await walk();
    } else {
      // The OUs were not read, but the index names them: that shows whose tags are to be read.
      const index = await indexing;
      const subjects = [...(index?.resourceIds() ?? [])]
        .filter((id) => options.knownNodes.has(id))
        .flatMap((id) => subjectOfResource(id) ?? []);
      await chunks.add(subjects.map((subject) => ({ subject, reads: [] })));
    }
  }
  if (nodes && !placed) {
    const known = nodes;
    if (isCheaperByParents(accounts.unplaced, known)) {
      await placeByParents({ reader, ancestorsOf: (id) => Promise.resolve(known.get(id)) }, accounts, common);
    } else await placeAccounts(reader, accounts, { ...common, incompleteBecause: walkIncompleteBecause, nodes });
  }
  await chunks.flush();

  if (!accounts.ids.has(integration.managementAccountId)) incompleteBecause.push('ListAccounts lacks the management account');
  const unknown = nodes ? [...accounts.nodesInPaths].filter((id) => !nodes.has(id)) : [];
  if (unknown.length > 0) walkIncompleteBecause.push(`the walk lacks ${some(unknown)}, which stand in paths of accounts`);
  return {
    ...findings,
    accounts: accounts.ids.size,
    organizationalUnits: nodes && [...nodes.values()].filter((path) => path.length > 1).length,
    pathsGiven: accounts.nodesInPaths.size > 0,
    tagIndexSize: (await indexing)?.size,
    delegations,
    handshakesRead,
  };
}

/** One ListParents for each of these accounts costs less than one ListAccountsForParent for each node. */
const isCheaperByParents = (unplaced: ReadonlyMap<string, unknown>, nodes: { readonly size: number }): boolean =>
  unplaced.size === 0 || unplaced.size < nodes.size / 2;

const shown = 5;
const some = (ids: readonly string[]): string =>
  `${ids.slice(0, shown).join(', ')}${ids.length > shown ? ` and ${ids.length - shown} more` : ''}`;
