import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type pg from 'pg';
import type { PendingChange, StagedChange } from './change.js';
import { addChangeRow, addHeadRow } from './copy-row.js';
import { withCopyRows, type CopyRows } from './copy-rows.js';
import { addPlainRow } from './plain-change.js';
import { ContractViolation, type RecordFailure } from './record-failure.js';
import { seemUnchanged } from './sql/confirm-unchanged.js';
import { prepareStaging, stage } from './sql/staging.js';

export interface StagingOptions {
  /** Whether each state is read only when it is applied, so that one that Postgres refuses is refused alone. Dearer. */
  isolating: boolean;
}

/** Changes where the statements that apply them find them. */
export interface StagedChanges extends StagingOptions {
  changes: readonly PendingChange[];
  /** Those that seem to alter nothing, by their index. */
  unchanged: ReadonlySet<number>;
  /** Those that were staged whole, at their index. */
  whole: (StagedChange | undefined)[];
  /** Those that violate the contract. */
  refused: Map<number, RecordFailure>;
}

/**
 * Stages changes: what tells of them whether they alter anything, then whole those that seem to. Needs no lock: what turns out to be missing when the
 * scopes are locked is staged then.
 */
export async function stageChanges(
  client: pg.PoolClient,
  changes: readonly PendingChange[],
  { isolating }: StagingOptions,
): Promise<StagedChanges> {
  const whole = new Array<StagedChange | undefined>(changes.length);
  const refused = new Map<number, RecordFailure>();
  if (changes.length === 0) return { changes, unchanged: new Set(), whole, refused, isolating };
  await prepareStaging(client);
  const unchanged = await seemingUnchanged(client, changes);
  const staged: StagedChanges = { changes, unchanged, whole, refused, isolating };
  const altering = [...changes.keys()].filter((index) => !unchanged.has(index));
  await stageWhole(client, staged, altering);
  return staged;
}

/** So many are asked for first. */
const sampleSize = 100;
/** From this share on it pays to ask for all: nearly all of a full sync are unchanged, and hardly any of what an organization says first. */
const sharePays = 1 / 8;

/** Those that seem to alter nothing: of all, where a sample shows that there are many, else of the sample. Whatever is missed is found when it is applied. */
async function seemingUnchanged(client: pg.PoolClient, changes: readonly PendingChange[]): Promise<ReadonlySet<number>> {
  const comparable = [...changes.keys()].filter((index) => changes[index]?.contentHash !== null);
  if (comparable.length === 0) return new Set();
  const step = Math.ceil(comparable.length / sampleSize);
  const sample = comparable.filter((_, place) => place % step === 0);
  await stageHeads(client, changes, sample);
  const found = await seemUnchanged(client);
  if (step === 1 || found.size < sample.length * sharePays) return found;
  await stageHeads(
    client,
    changes,
    comparable.filter((_, place) => place % step !== 0),
  );
  return seemUnchanged(client);
}

async function stageHeads(client: pg.PoolClient, changes: readonly PendingChange[], indexes: readonly number[]): Promise<void> {
  await withCopyRows(async (rows) => {
    for (const index of indexes) {
      const change = changes[index];
      if (change) addHeadRow(rows, index, change);
    }
    await stage(client, 'heads', rows);
  });
}

/** So many are read before others have their turn: whoever waits for Postgres meanwhile goes on. */
const readAtOnce = 100;

/** Stages the changes with these indexes whole. */
export async function stageWhole(client: pg.PoolClient, staged: StagedChanges, indexes: readonly number[]): Promise<void> {
  await withCopyRows(async (rows) => {
    let count = 0;
    for (const index of indexes) {
      count += 1;
      if (count % readAtOnce === 0) await yieldToOthers();
      const change = staged.changes[index];
      if (change === undefined) continue;
      try {
        staged.whole[index] = addRow(rows, index, change, { isStateText: staged.isolating });
      } catch (error) {
        if (!(error instanceof ContractViolation)) throw error;
        staged.refused.set(index, error.failure);
      }
    }
    await stage(client, staged.isolating ? 'unparsedChanges' : 'changes', rows);
  });
}

function addRow(rows: CopyRows, index: number, pending: PendingChange, staging: { isStateText: boolean }): StagedChange {
  const plain = pending.value && addPlainRow(rows, index, pending, pending.value, staging);
  if (plain) return plain;
  const change = pending.read();
  addChangeRow(rows, index, pending.contentHash, change, staging);
  const entity = change.content.case === 'present' ? change.content.entity : null;
  return { entityKey: entity?.key ?? null, receivedAt: change.cause?.receivedAt };
}
