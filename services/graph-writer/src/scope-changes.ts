import type pg from 'pg';
import { pendingChange, type PendingChange, type ScopeChange } from './change.js';
import type { ReadRecord } from './read-record.js';
import { advanceScopeSubject, liveSubjects } from './sql/change-scope.js';

export const integrationRemoved = 'INTEGRATION_REMOVED';

export interface TakenScopeChanges {
  /** The records that count: without those of scopes that are closed, also by a record before them. */
  open: readonly ReadRecord[];
  /** The changes of whole scopes that are newer than what is stored, in the order of the batch. */
  accepted: readonly ScopeChange[];
  /** Those that are not newer. */
  stale: number;
}

export function scopeOf(read: ReadRecord): string | undefined {
  if ('change' in read) return read.change.scope;
  return 'scopeChange' in read ? read.scopeChange.scope : undefined;
}

/** Takes the changes of whole scopes out of a batch, each under the version guard of the subject that speaks for its scope. */
export async function takeScopeChanges(
  client: pg.PoolClient,
  records: readonly ReadRecord[],
  { closed, at }: { closed: ReadonlySet<string>; at: string },
): Promise<TakenScopeChanges> {
  const closedSoFar = new Set(closed);
  const open: ReadRecord[] = [];
  const accepted: ScopeChange[] = [];
  let stale = 0;
  for (const read of records) {
    const scope = scopeOf(read);
    if (scope !== undefined && closedSoFar.has(scope)) continue;
    open.push(read);
    if (!('scopeChange' in read)) continue;
    if (await advanceScopeSubject(client, read.scopeChange, at)) {
      accepted.push(read.scopeChange);
      if (read.scopeChange.removed) closedSoFar.add(read.scopeChange.scope);
    } else {
      stale += 1;
    }
  }
  return { open, accepted, stale };
}

/** The changes that end everything in a removed scope. Each is newer than what it ends, whatever the clocks of the readers said. */
export async function endingsOf(client: pg.PoolClient, removal: ScopeChange): Promise<PendingChange[]> {
  const { scope, observedAt, cause } = removal;
  return (await liveSubjects(client, removal)).map(({ subject, version }) =>
    pendingChange({
      scope,
      subject,
      version: version < removal.version ? removal.version : version + 1n,
      observedAt,
      cause,
      foundBy: null,
      baseline: false,
      explainedVersion: null,
      content: { case: 'ended', reason: integrationRemoved },
    }),
  );
}
