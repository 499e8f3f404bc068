import type pg from 'pg';
import type { MadeRow } from './applied-change.js';
import type { PendingChange } from './change.js';
import { deadLetterOf, type DeadLetter } from './dead-letters/dead-letter.js';
import { withoutErasedEmail } from './erase-email.js';
import type { ReadRecord } from './read-record.js';
import { endingsOf, integrationRemoved, scopeOf, takeScopeChanges } from './scope-changes.js';
import { closeScope, eraseEmail } from './sql/change-scope.js';
import type { BusPosition } from './sql/consumer-offsets.js';
import type { LockedScopes } from './sql/lock-scopes.js';
import { emptyStaging } from './sql/staging.js';
import { stageChanges, type StagedChanges } from './stage-changes.js';
import { writeChanges } from './write-changes.js';

export interface WriteRecordsOptions {
  position: BusPosition;
  /** Of the records, which are locked. */
  scopes: LockedScopes;
  /** Time of the history, as Postgres writes it. */
  at: string;
  now: Date;
  wantsDetails: boolean;
  isolating: boolean;
  /** Changes that were staged ahead. */
  staged: StagedChanges | undefined;
}

export interface WrittenRecords {
  /** Rows of the history, in their order. */
  made: MadeRow[];
  unchanged: number;
  stale: number;
  closed: number;
  /** Of the records that can never be applied. */
  codes: ReadonlyMap<ReadRecord, string>;
  letters: DeadLetter[];
}

/** Writes records, in their order, whose scopes are locked: rows and history. Their dead letters and the offset behind them are left to the caller. */
export async function writeRecords(
  client: pg.PoolClient,
  records: readonly ReadRecord[],
  { position, scopes: { closed, emailPurged }, at, now, wantsDetails, isolating, staged: ahead }: WriteRecordsOptions,
): Promise<WrittenRecords> {
  const { open, accepted, stale } = await takeScopeChanges(client, records, { closed, at });
  const writing = { at, wantsDetails };

  // Erased before the changes are written, which lose their addresses on the way: the history never has one to be found later.
  const purged = new Map(emailPurged);
  for (const change of accepted.filter(({ purgeEmail }) => purgeEmail)) {
    await eraseEmail(client, change);
    purged.set(change.scope, change.version);
  }
  const toApply = open.filter((read) => 'change' in read);
  const changes = toApply.map(({ change }) => withoutErasedEmail(change, purged.get(change.scope)));
  const written = await writeChanges(client, await stagedAs(client, changes, { isolating, ahead }), writing);
  const made = written.made;
  for (const removal of accepted.filter(({ removed }) => removed)) {
    await emptyStaging(client);
    made.push(
      ...(await writeChanges(client, await stageChanges(client, await endingsOf(client, removal), { isolating }), writing)).made,
    );
    await closeScope(client, removal, { reason: integrationRemoved, at });
  }

  const refusals = new Map([...written.refused].map(([index, failure]) => [toApply[index]?.record, failure]));
  const codes = new Map<ReadRecord, string>();
  const letters: DeadLetter[] = [];
  for (const read of open) {
    const failure = 'failure' in read ? read.failure : refusals.get(read.record);
    if (failure) {
      codes.set(read, failure.code);
      letters.push(deadLetterOf(position, read.record, failure, now));
    } else if ('letter' in read) letters.push(read.letter);
  }
  const counts = { unchanged: written.unchanged, stale: written.stale + stale, closed: records.length - open.length };
  return { made, ...counts, codes, letters };
}

/** What was staged ahead, where that is still what is to be applied: no scope was closed, nothing was replayed or is to be erased. */
async function stagedAs(
  client: pg.PoolClient,
  changes: readonly PendingChange[],
  { isolating, ahead }: { isolating: boolean; ahead: StagedChanges | undefined },
): Promise<StagedChanges> {
  if (ahead?.changes.length === changes.length && changes.every((change, index) => change === ahead.changes[index])) return ahead;
  if (ahead) await emptyStaging(client);
  return stageChanges(client, changes, { isolating });
}

/** The scopes of records, sorted: the order in which they are locked. */
export function scopesOf(records: readonly ReadRecord[]): string[] {
  return [...new Set(records.flatMap((read) => scopeOf(read) ?? []))].sort();
}
