import type { MadeRow } from './applied-change.js';
import type { DeadLetter } from './dead-letters/dead-letter.js';
import type { WrittenRecords } from './write-records.js';

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

/** What became of written records. */
export function appliedBatch(
  { made, unchanged, stale, closed }: WrittenRecords,
  { at, ...rest }: Pick<AppliedBatch, 'replayed' | 'deadLetters' | 'topicBeganAnew'> & { at: string },
): AppliedBatch {
  return { made, appliedAt: new Date(at), unchanged, stale, closed, ...rest };
}

/** The scopes whose history goes on with these rows. */
export const touchedScopes = (made: readonly MadeRow[]): string[] => [...new Set(made.map(({ change: { scope } }) => scope))];
