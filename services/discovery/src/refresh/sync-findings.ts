import type { SyncKind } from './sync-kind.js';

/** What syncs could not read, and so left alone. */
export interface SyncFindings {
  /** Why absence from the last listing says nothing (invariant 4). Empty: it was complete. */
  incompleteBecause: string[];
  /** Optional parts that failed. */
  problems: ReadProblem[];
}

export interface ReadProblem {
  /** The IAM action. */
  read: string;
  error: string;
}

/** A light sync knows nothing of the parts that only full syncs read: what was found about those stays. Pure. */
export function findingsAfter(before: SyncFindings | undefined, sync: SyncFindings & { kind: SyncKind }): SyncFindings {
  const { kind, incompleteBecause, problems } = sync;
  const kept = kind === 'full' ? [] : (before?.problems ?? []).filter(({ read }) => read !== tagIndexRead);
  return { incompleteBecause, problems: [...kept, ...problems] };
}

export const tagIndexRead = 'tag:GetResources';

/** What a part is to people, and what becomes of it while it cannot be read. */
const parts: Readonly<Record<string, { fails: string; then: string }>> = {
  [tagIndexRead]: { fails: 'The bulk tag index', then: 'full syncs read tags one by one' },
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
export function describeFindings({ incompleteBecause, problems }: SyncFindings): string[] {
  const byRead = new Map(problems.map(({ read, error }) => [read, error]));
  const [because, ...others] = incompleteBecause;
  return [
    ...[...byRead].map(([read, error]) => {
      const { fails, then } = parts[read] ?? { fails: read, then: 'what is known of it stays as it is' };
      return `${fails} could not be read, so ${then}: ${sentence(error)}`;
    }),
    ...(because === undefined
      ? []
      : [
          `The last sync was incomplete, so nothing is taken for gone: ${sentence(
            `${because}${others.length > 0 ? `, and ${others.length} more` : ''}`,
          )}`,
        ]),
  ];
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
