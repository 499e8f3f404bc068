import type { SyncKind } from './sync-kind.js';

/** How far a sync is, as people see it. */
export interface SyncProgress {
  kind: SyncKind;
  /** ISO 8601. */
  startedAt: string;
  /** Accounts listed so far, of about so many as far as anybody can know. */
  accounts: number;
  of?: number;
  organizationalUnits: number;
  ofOrganizationalUnits?: number;
  /** Absent while nothing tells how many accounts there are. */
  secondsLeft?: number;
}

/** What one listing has read, and what it knows of the rest. */
export interface ListingCounts {
  accounts: number;
  accountPages: number;
  accountsListed: boolean;
  /** The best guess: of the accounts known from before, and those that the tag index names. */
  accountsExpected: number | undefined;
  /** False where a light sync leaves the OUs alone. */
  walks: boolean;
  organizationalUnits: number;
  /** Roots and OUs whose children were listed. */
  nodesListed: number;
  nodesExpected: number;
  /** Roots and OUs whose accounts were listed, where AWS gives no paths; undefined where it does. */
  nodesSearched?: number;
}

/** AWS's page of ListAccounts. */
const accountsOnAPage = 20;
/** Before, a speed that was measured says little. */
const secondsUntilMeasured = 3;

/**
 * Seconds until everything is read: each operation has a budget of its own, so the slowest one decides; who hangs where can only be asked
 * after both. `callsPerSecond`: what the limiter lets through. Undefined while nothing tells how many accounts there are. Pure.
 */
export function secondsLeft(
  counts: ListingCounts,
  { elapsedSeconds, callsPerSecond }: { elapsedSeconds: number; callsPerSecond(operation: string): number },
): number | undefined {
  const { accountsExpected, accountsListed } = counts;
  if (!accountsListed && accountsExpected === undefined) return undefined;
  const accountCalls = accountsListed ? 0 : Math.max(1, Math.ceil(((accountsExpected ?? 0) - counts.accounts) / accountsOnAPage));
  const nodesLeft = counts.walks ? Math.max(0, counts.nodesExpected - counts.nodesListed) : 0;
  const speed = (operation: string, done: number): number => {
    const allowed = callsPerSecond(operation);
    const measured = done / elapsedSeconds;
    return elapsedSeconds > secondsUntilMeasured && done > 0 ? Math.min(allowed, measured) : allowed;
  };
  const inParallel = Math.max(
    accountCalls / speed('ListAccounts', counts.accountPages),
    nodesLeft / speed('ListOrganizationalUnitsForParent', counts.nodesListed),
  );
  const toSearch = counts.nodesSearched === undefined ? 0 : counts.nodesExpected - counts.nodesSearched;
  return Math.ceil(inParallel + toSearch / callsPerSecond('ListAccountsForParent'));
}

/** Counts a listing's progress, and tells of each step. */
export interface ProgressMeter {
  counts: ListingCounts;
  /** Changes the counts and tells. */
  note(change: Partial<ListingCounts>): void;
}

export function createProgressMeter(options: {
  kind: SyncKind;
  known: { accounts: number; nodes: number };
  now(): number;
  callsPerSecond(operation: string): number;
  onProgress(progress: SyncProgress): void;
}): ProgressMeter {
  const { kind, known, now, callsPerSecond, onProgress } = options;
  const begun = now();
  const startedAt = new Date(begun).toISOString();
  const counts: ListingCounts = {
    accounts: 0,
    accountPages: 0,
    accountsListed: false,
    accountsExpected: known.accounts === 0 ? undefined : known.accounts,
    walks: kind === 'full',
    organizationalUnits: 0,
    nodesListed: 0,
    nodesExpected: known.nodes,
  };
  return {
    counts,
    note: (change) => {
      Object.assign(counts, change);
      const left = secondsLeft(counts, { elapsedSeconds: (now() - begun) / 1000, callsPerSecond });
      const of = counts.accountsListed
        ? counts.accounts
        : counts.accountsExpected && Math.max(counts.accountsExpected, counts.accounts);
      onProgress({
        kind,
        startedAt,
        accounts: counts.accounts,
        ...(of === undefined ? {} : { of }),
        organizationalUnits: counts.organizationalUnits,
        // The root is a node, and no OU.
        ...(counts.nodesExpected > 1
          ? { ofOrganizationalUnits: Math.max(counts.nodesExpected - 1, counts.organizationalUnits) }
          : {}),
        ...(left === undefined ? {} : { secondsLeft: left }),
      });
    },
  };
}
