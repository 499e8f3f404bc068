import type { SyncKind } from './sync-kind.js';

/** What syncs could not read, and so left alone. */
export interface SyncFindings {
  /** Why absence from the last listing says nothing (invariant 4). Empty: it was complete. */
  incompleteBecause: string[];
  /** Likewise of the last walk over the OUs, which not every light sync makes. */
  walkIncompleteBecause: string[];
  /** What failed without failing the sync. */
  problems: ReadProblem[];
}

export interface ReadProblem {
  /** The IAM action of an optional part, or the key of a subject that could not be stored. */
  read: string;
  error: string;
}

/** A sync knows nothing of the parts that it does not read: what was found about those stays. Pure. */
export function findingsAfter(
  before: SyncFindings | undefined,
  sync: SyncFindings & { kind: SyncKind; walked: boolean },
): SyncFindings {
  const { kind, walked, incompleteBecause, problems } = sync;
  const kept = (before?.problems ?? []).filter(({ read }) => !isReadBy({ kind, walked }, read));
  return {
    incompleteBecause,
    walkIncompleteBecause: walked ? sync.walkIncompleteBecause : (before?.walkIncompleteBecause ?? []),
    problems: [...kept, ...problems],
  };
}

function isReadBy({ kind, walked }: { kind: SyncKind; walked: boolean }, read: string): boolean {
  if (kind === 'full') return true;
  if (/^(root|ou):/.test(read)) return walked;
  return !/^(delegation|invitation):/.test(read) && !leftToFullSyncs.has(read);
}

export const tagIndexRead = 'tag:GetResources';
export const parentsRead = 'organizations:ListParents';
const leftToFullSyncs: ReadonlySet<string> = new Set([
  'organizations:ListDelegatedAdministrators',
  'organizations:ListDelegatedServicesForAccount',
  'organizations:ListHandshakesForOrganization',
]);

/** What a part is to people, and what becomes of it while it cannot be read. */
const parts: Readonly<Record<string, { fails: string; then: string }>> = {
  [tagIndexRead]: { fails: 'The bulk tag index', then: 'full syncs read tags one by one' },
  [parentsRead]: { fails: 'Parents of accounts of which AWS gives no path', then: 'their places stay as they are known' },
  'organizations:ListDelegatedAdministrators': {
    fails: 'Delegated administrators',
    then: 'what is known of them stays as it is',
  },
  'organizations:ListDelegatedServicesForAccount': {
    fails: 'Services of delegated administrators',
    then: 'what is known of them stays as it is',
  },
  'organizations:ListHandshakesForOrganization': { fails: 'Invitations', then: 'what is known of them stays as it is' },
};

/** Sentences for the integration's condition: what is not read, why, and what follows from it. Pure. */
export function describeFindings({ incompleteBecause, walkIncompleteBecause, problems }: SyncFindings): string[] {
  const byRead = new Map(problems.map(({ read, error }) => [read, error]));
  return [
    ...[...byRead].map(([read, error]) => {
      const { fails, then } = parts[read] ?? { fails: read, then: 'what is known of it stays as it is' };
      return `${fails} could not be read, so ${then}: ${sentence(error)}`;
    }),
    ...told('The last sync was incomplete, so nothing is taken for gone', incompleteBecause),
    ...told('The last walk over the OUs was incomplete, so no OU is taken for gone', walkIncompleteBecause),
  ];
}

function told(opening: string, [because, ...others]: readonly string[] = []): string[] {
  if (because === undefined) return [];
  return [`${opening}: ${sentence(`${because}${others.length > 0 ? `, and ${others.length} more` : ''}`)}`];
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
