import { inTransaction, isPoison } from '@orgtrail/database';
import type pg from 'pg';
import type { MadeRow } from './applied-change.js';
import { deadLetterOf, type DeadLetter } from './dead-letters/dead-letter.js';
import type { Outcomes } from './dead-letters/poison-policy.js';
import type { PendingChange } from './change.js';
import { withoutErasedEmail } from './erase-email.js';
import type { ReadRecord } from './read-record.js';
import { endingsOf, integrationRemoved, scopeOf, takeScopeChanges } from './scope-changes.js';
import { closeScope, eraseEmail } from './sql/change-scope.js';
import { lockPosition, storePosition, type AppliedOffset, type BusPosition } from './sql/consumer-offsets.js';
import { insertDeadLetters } from './sql/insert-dead-letters.js';
import { lockScopes } from './sql/lock-scopes.js';
import { emptyStaging } from './sql/staging.js';
import type { StagedAhead } from './stage-ahead.js';
import { stageChanges, type StagedChanges } from './stage-changes.js';
import { writeChanges } from './write-changes.js';

export interface AppliedBatch {
  /** Rows of the history, in their order: where that is wanted, `appliedChange` tells what each did. */
  made: MadeRow[];
  /** Time of these rows. */
  appliedAt: Date;
  /** Changes that altered nothing but a version. */
  unchanged: number;
  /** Not newer than what is stored. */
  stale: number;
  /** Records of removed integrations, which are dropped. */
  closed: number;
  /** Records that were applied before: a replay after a crash. */
  replayed: number;
  /** Those that were not known before. */
  deadLetters: DeadLetter[];
  /** True when the topic begins anew under an offset that was applied long ago. */
  topicBeganAnew: boolean;
}

export interface ApplyBatchOptions {
  position: BusPosition;
  /** Of one partition, in offset order, at least one. */
  records: readonly ReadRecord[];
  now: Date;
  /** Told before the commit what becomes of the records that were not applied before, the last ones of the batch. Throws to prevent it. */
  judge?: (outcomes: Outcomes) => void;
  /** Whether more is wanted of the rows of the history than their kinds: `appliedChange` needs it. By default it is not. */
  wantsDetails?: boolean;
  /** For tests: awaited when all is written and nothing is committed. */
  beforeCommit?: () => Promise<void>;
  /** The changes of these records, staged already. */
  ahead?: StagedAhead | undefined;
}

/**
 * Applies records of one partition in one transaction: rows, history, dead letters and the offset behind them are there together or
 * not at all. Locks the scopes first and the partition's offset after them; whoever applies the same records again finds nothing to do.
 */
export async function applyBatch(pool: pg.Pool, options: ApplyBatchOptions): Promise<AppliedBatch> {
  const { ahead } = options;
  try {
    if (ahead) return await ahead.run((client, staged) => applyLocked(client, { ...options, isolating: false, staged }));
    return await inTransaction(pool, (client) => applyLocked(client, { ...options, isolating: false }));
  } catch (error) {
    // Nearly never, and dear: Postgres cannot even read one of them, and which it is has to be found.
    if (!isPoison(error)) throw error;
    return await inTransaction(pool, (client) => applyLocked(client, { ...options, isolating: true }));
  }
}

async function applyLocked(
  client: pg.PoolClient,
  options: ApplyBatchOptions & { isolating: boolean; staged?: StagedChanges },
): Promise<AppliedBatch> {
  const { position, records, now, judge, wantsDetails = false, isolating } = options;
  const scopes = scopesOf(records);
  const { closed, emailPurged } = await lockScopes(client, scopes);
  const { offset, at } = await lockPosition(client, position, scopes);
  const { fresh, topicBeganAnew } = withoutReplayed(records, offset);
  const { open, accepted, stale } = await takeScopeChanges(client, fresh, { closed, at });
  const writing = { at, wantsDetails };

  // Erased before the changes are written, which lose their addresses on the way: the history never has one to be found later.
  const purged = new Map(emailPurged);
  for (const change of accepted.filter(({ purgeEmail }) => purgeEmail)) {
    await eraseEmail(client, change);
    purged.set(change.scope, change.version);
  }
  const toApply = open.filter((read) => 'change' in read);
  const changes = toApply.map(({ change }) => withoutErasedEmail(change, purged.get(change.scope)));
  const written = await writeChanges(client, await stagedAs(client, changes, { isolating, ahead: options.staged }), writing);
  const made = written.made;
  for (const removal of accepted.filter(({ removed }) => removed)) {
    await emptyStaging(client);
    made.push(
      ...(await writeChanges(client, await stageChanges(client, await endingsOf(client, removal), { isolating }), writing)).made,
    );
    await closeScope(client, removal, { reason: integrationRemoved, at });
  }

  const refusals = new Map([...written.refused].map(([index, failure]) => [toApply[index]?.record, failure]));
  const failureOf = (read: ReadRecord) => ('failure' in read ? read.failure : refusals.get(read.record));
  judge?.(fresh.map((read) => failureOf(read)?.code ?? null));
  const letters = open.flatMap((read) => {
    const failure = failureOf(read);
    if (failure) return [deadLetterOf(position, read.record, failure, now)];
    return 'letter' in read ? [read.letter] : [];
  });
  const deadLetters = await insertDeadLetters(client, letters);
  const last = fresh.at(-1)?.record;
  if (last) {
    const applied = { nextOffset: last.offset + 1n, lastRecordAt: newest(fresh, offset, topicBeganAnew) };
    await storePosition(client, position, applied, { scopes: [...new Set(made.map(({ change: { scope } }) => scope))], at });
  }

  await options.beforeCommit?.();
  return {
    made,
    appliedAt: new Date(at),
    unchanged: written.unchanged,
    stale: written.stale + stale,
    closed: fresh.length - open.length,
    replayed: records.length - fresh.length,
    deadLetters,
    topicBeganAnew,
  };
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

function scopesOf(records: readonly ReadRecord[]): string[] {
  return [...new Set(records.flatMap((read) => scopeOf(read) ?? []))].sort();
}

/**
 * Below the stored offset a record was applied before. Unless the bus took it later than the last record that was applied: then the
 * topic was created anew, or the bus is another one, and its offsets began at 0 again. Should that be misjudged, the subjects'
 * versions still see to it that nothing is applied twice.
 */
function withoutReplayed(
  records: readonly ReadRecord[],
  offset: AppliedOffset | undefined,
): { fresh: readonly ReadRecord[]; topicBeganAnew: boolean } {
  if (!offset) return { fresh: records, topicBeganAnew: false };
  const below = records.filter(({ record }) => record.offset < offset.nextOffset);
  const topicBeganAnew = below.some(({ record }) => record.timestamp > offset.lastRecordAt);
  return {
    fresh: topicBeganAnew ? records : records.filter(({ record }) => record.offset >= offset.nextOffset),
    topicBeganAnew,
  };
}

function newest(records: readonly ReadRecord[], offset: AppliedOffset | undefined, topicBeganAnew: boolean): number {
  // Clocks of producers differ: the newest time counts, not the last.
  const times = records.map(({ record }) => record.timestamp);
  return Math.max(...times, topicBeganAnew || !offset ? 0 : offset.lastRecordAt);
}
