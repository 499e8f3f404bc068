import type { SyncSummary as FoundBySync } from '@orgtrail/discovery';
import { formatTable } from '../output/table.js';
import type { Settled } from '../up/wait-until-settled.js';
import type { OrganizationDocument, SyncSummary } from './document.js';

export interface SyncResult {
  sync: FoundBySync;
  settled: Settled;
  calls: Record<string, number>;
  seconds: number;
}

/** The figures of one sync. Pure. `complete` is true only when nothing is known to be missing. */
export function summarize(document: OrganizationDocument, { sync, settled, calls, seconds }: SyncResult): SyncSummary {
  const problems = [
    ...sync.incompleteBecause.map((reason) => `The listing is incomplete: ${reason}`),
    ...sync.problems.map(({ read, error }) => `Optional, not read: ${read} (${error})`),
    ...(settled.stuck > 0
      ? [`${settled.stuck} subjects have parts that could not be read: ${settled.lastError ?? 'no reason'}`]
      : []),
  ];
  return {
    accounts: document.accounts.length,
    accountsByState: countBy(document.accounts.map(({ status }) => status)),
    organizationalUnits: document.organizationalUnits.length,
    relationships: document.relationships.length,
    relationshipsByType: countBy(document.relationships.map(({ type }) => type)),
    calls,
    totalCalls: Object.values(calls).reduce((sum, count) => sum + count, 0),
    seconds: Math.round(seconds * 1000) / 1000,
    complete: sync.complete && settled.stuck === 0,
    problems,
  };
}

export function formatSummary(summary: SyncSummary): string {
  const states = Object.entries(summary.accountsByState).map(([state, count]) => `${count} ${state}`);
  return [
    `${summary.accounts} accounts (${states.join(', ')}), ${summary.organizationalUnits} OUs, ${summary.relationships} relationships`,
    '',
    formatTable(['relationship', 'count'], rows(summary.relationshipsByType)),
    '',
    formatTable(['AWS operation', 'calls'], [...rows(summary.calls), ['total', String(summary.totalCalls)]]),
    '',
    ...summary.problems,
    summary.complete
      ? `Complete after ${summary.seconds.toFixed(1)} s.`
      : `NOT complete after ${summary.seconds.toFixed(1)} s: the graph may lack what is named above.`,
  ].join('\n');
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([left], [right]) => left.localeCompare(right)));
}

function rows(counts: Record<string, number>): [string, string][] {
  return Object.entries(counts).map(([name, count]) => [name, String(count)]);
}
