import { hash } from 'node:crypto';
import type { AccountRead, OrganizationReader } from '@orgtrail/aws';
import type { SubjectReads } from '../observed/record-reads.js';
import type { ListedSubjects } from './listed-subjects.js';
import type { ReadProblem } from './sync-findings.js';
import type { ProgressMeter } from './sync-progress.js';

export interface AccountListing {
  /** Everything that ListAccounts named. */
  ids: ReadonlySet<string>;
  /** Roots and OUs in paths of accounts. */
  nodesInPaths: ReadonlySet<string>;
  /** Accounts without a path, which were not passed on yet: their parent has to be found first. */
  unplaced: ReadonlyMap<string, AccountRead>;
}

export interface AccountListingOptions {
  listed: ListedSubjects;
  add(subjects: readonly SubjectReads[]): Promise<void>;
  incompleteBecause: string[];
  problems: ReadProblem[];
  meter: ProgressMeter;
}

/** Lists all accounts and passes them on page by page, so that of a large organization never all are held. */
export async function listAccounts(reader: OrganizationReader, options: AccountListingOptions): Promise<AccountListing> {
  const { listed, add, incompleteBecause, meter } = options;
  const fingerprints = new Map<string, string>();
  const nodesInPaths = new Set<string>();
  const unplaced = new Map<string, AccountRead>();
  const onMalformed = ({ message }: Error): unknown => incompleteBecause.push(`an account could not be read: ${message}`);
  for await (const page of reader.listAccounts(onMalformed)) {
    const placed: AccountRead[] = [];
    for (const account of page) {
      const fingerprint = hash('sha1', JSON.stringify(account), 'base64');
      const known = fingerprints.get(account.id);
      if (known !== undefined) {
        if (known !== fingerprint) incompleteBecause.push(`ListAccounts named ${account.id} twice, differently`);
        continue;
      }
      fingerprints.set(account.id, fingerprint);
      for (const id of account.placement?.ancestorIds ?? []) nodesInPaths.add(id);
      if (account.placement || account.conflictingPaths) placed.push(account);
      else unplaced.set(account.id, account);
    }
    meter.note({ accounts: fingerprints.size, accountPages: meter.counts.accountPages + 1 });
    await add(placed.map((account) => listed.account(account)));
  }
  meter.note({ accountsListed: true });
  return { ids: new Set(fingerprints.keys()), nodesInPaths, unplaced };
}
