import { isPoison } from '@orgtrail/database';
import type pg from 'pg';
import type { MadeRow } from './applied-change.js';
import { InScopes } from './in-scopes.js';
import { failureOfRefusal, type RecordFailure } from './record-failure.js';
import { applyStaged, applyStagedIsolating, type AppliedRows, type RefusedRow, type StagedRange } from './sql/apply-staged.js';
import { confirmUnchanged } from './sql/confirm-unchanged.js';
import { stageWhole, type StagedChanges } from './stage-changes.js';
import { wavesOf, type Wave } from './waves.js';

export interface WritingOptions {
  /** Time of the batch, as Postgres writes it. */
  at: string;
  /** Whether more is wanted of the rows of the history than their kinds. */
  wantsDetails: boolean;
}

export interface WrittenChanges {
  /** Rows of the history, in the order of the changes. */
  made: MadeRow[];
  /** Changes that altered nothing but a version. */
  unchanged: number;
  /** Changes that were not newer than what is stored. */
  stale: number;
  /** Changes that can never be applied, by their index. */
  refused: Map<number, RecordFailure>;
}

/**
 * Writes staged changes to the graph, in their order. The scopes have to be locked. What Postgres refuses for its content is refused alone.
 */
export async function writeChanges(
  client: pg.PoolClient,
  staged: StagedChanges,
  options: WritingOptions,
): Promise<WrittenChanges> {
  const written = { made: [] as MadeRow[], unchanged: 0, stale: 0, refused: new Map<number, RecordFailure>() };
  for (const wave of wavesOf(staged.changes)) await writeWave(client, { staged, wave, written, options });
  for (const [index, failure] of staged.refused) written.refused.set(index, failure);
  return written;
}

async function writeWave(
  client: pg.PoolClient,
  given: { staged: StagedChanges; wave: Wave; written: WrittenChanges; options: WritingOptions },
): Promise<void> {
  const { staged, wave, written, options } = given;
  const confirmed = anyWithin(wave, staged.unchanged) ? await confirmUnchanged(client, wave) : new Set<number>();
  written.unchanged += confirmed.size;
  const altering = Array.from({ length: wave.last - wave.first + 1 }, (_, offset) => wave.first + offset).filter(
    (index) => !confirmed.has(index),
  );
  // They seemed unchanged when they were staged.
  const missing = altering.filter((index) => staged.whole[index] === undefined && !staged.refused.has(index));
  await stageWhole(client, staged, missing);
  const parts = partsOfDifferentKeys(wave);
  let open = 0;
  for (const index of altering) {
    const identity = staged.whole[index];
    const change = staged.changes[index];
    if (identity === undefined || change === undefined) continue;
    if (identity.entityKey !== null) parts.add(index, change.scope, identity.entityKey);
    open += 1;
  }
  if (open === 0) return;
  for (const part of parts.all()) {
    const range = { ...part, at: options.at, wantsDetails: options.wantsDetails };
    const applied = await applyPart(client, range, { isolating: staged.isolating });
    for (const { index, kind, details } of applied.altered) {
      const change = staged.changes[index];
      const receivedAt = staged.whole[index]?.receivedAt;
      if (change !== undefined) written.made.push({ kind, details, change, receivedAt });
    }
    for (const row of applied.refused) written.refused.set(row.index, failureOf(row));
    written.unchanged += applied.unchanged;
    open -= applied.accepted + applied.refused.length;
  }
  written.stale += open;
}

/** The quick way, and where Postgres refuses a row the way that finds it, in the same transaction: what was staged and locked stays so. */
async function applyPart(
  client: pg.PoolClient,
  range: StagedRange,
  { isolating }: { isolating: boolean },
): Promise<AppliedRows & { refused: RefusedRow[] }> {
  if (isolating) return applyStagedIsolating(client, range);
  await client.query('SAVEPOINT quick');
  try {
    const applied = await applyStaged(client, range);
    // One in the other, thousands take Postgres minutes.
    await client.query('RELEASE SAVEPOINT quick');
    return { ...applied, refused: [] };
  } catch (error) {
    if (!isPoison(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT quick; RELEASE SAVEPOINT quick');
    return applyStagedIsolating(client, range);
  }
}

/** Whether any of the numbers is in the wave. */
function anyWithin({ first, last }: Wave, numbers: ReadonlySet<number>): boolean {
  for (const number of numbers) if (number >= first && number <= last) return true;
  return false;
}

/** Cuts a wave where a second subject claims an entity's key: one statement cannot write a row twice, and the first to come has to be there before. */
function partsOfDifferentKeys({ first, last }: Wave): {
  add(index: number, scope: string, entityKey: string): void;
  all(): Wave[];
} {
  const cuts = [first];
  const claimed = new InScopes();
  return {
    add: (index, scope, entityKey) => {
      if (claimed.add(scope, entityKey)) return;
      cuts.push(index);
      claimed.clear();
      claimed.add(scope, entityKey);
    },
    all: () => cuts.map((cut, place) => ({ first: cut, last: (cuts[place + 1] ?? last + 1) - 1 })),
  };
}

/** SQLSTATE of `graph.refuse_foreign_rows`. */
const foreignRows = '23G01';

function failureOf({ index: _, ...row }: RefusedRow): RecordFailure {
  if (row.code !== foreignRows) return failureOfRefusal(row);
  return { code: 'OWNED_BY_ANOTHER_SUBJECT', message: 'Another live subject owns the entity.' };
}
