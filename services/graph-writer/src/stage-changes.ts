import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type pg from 'pg';
import type { IncomingChange, PendingChange } from './change.js';
import { changeLine, headLine } from './copy-line.js';
import { ContractViolation, type RecordFailure } from './record-failure.js';
import { seemUnchanged } from './sql/confirm-unchanged.js';
import { prepareStaging, stage } from './sql/staging.js';

/** Changes where the statements that apply them find them. */
export interface StagedChanges {
  changes: readonly PendingChange[];
  /** Those that were read and staged whole, by their index. */
  read: Map<number, IncomingChange>;
  /** Those that violate the contract. */
  refused: Map<number, RecordFailure>;
}

/**
 * Stages changes: of all what tells whether they alter anything, and whole those that seem to. Needs no lock: what turns out to be missing when the
 * scopes are locked is staged then.
 */
export async function stageChanges(client: pg.PoolClient, changes: readonly PendingChange[]): Promise<StagedChanges> {
  const staged: StagedChanges = { changes, read: new Map(), refused: new Map() };
  if (changes.length === 0) return staged;
  await prepareStaging(client);
  const heads = changes.flatMap((change, index) => (change.contentHash === null ? [] : headLine(index, change)));
  if (heads.length > 0) await stage(client, 'heads', heads);
  const unchanged = heads.length > 0 ? await seemUnchanged(client) : new Set<number>();
  await stageWhole(
    client,
    staged,
    [...changes.keys()].filter((index) => !unchanged.has(index)),
  );
  return staged;
}

/** So many are read before others have their turn: whoever waits for Postgres meanwhile goes on. */
const readAtOnce = 250;

/** Stages the changes with these indexes whole. */
export async function stageWhole(client: pg.PoolClient, staged: StagedChanges, indexes: readonly number[]): Promise<void> {
  const lines: string[] = [];
  for (const [count, index] of indexes.entries()) {
    if (count % readAtOnce === readAtOnce - 1) await yieldToOthers();
    const pending = staged.changes[index];
    if (pending === undefined) continue;
    try {
      const change = pending.read();
      staged.read.set(index, change);
      lines.push(changeLine(index, pending.contentHash, change));
    } catch (error) {
      if (!(error instanceof ContractViolation)) throw error;
      staged.refused.set(index, error.failure);
    }
  }
  if (lines.length > 0) await stage(client, 'staged', lines);
}
