import { isPoison } from '@orgtrail/database';
import type { SubjectReads } from '../observed/record-reads.js';
import { messageOf } from './optional-read.js';
import type { ReadProblem } from './sync-findings.js';

/** Records these, except those that the database cannot hold, which never keep their neighbours out (invariant 7). Resolves to the latter. */
export async function recordStorable(
  subjects: readonly SubjectReads[],
  record: (subjects: readonly SubjectReads[]) => Promise<void>,
): Promise<ReadProblem[]> {
  try {
    await record(subjects);
    return [];
  } catch (error) {
    const [only] = subjects;
    if (!only || !isPoison(error)) throw error;
    if (subjects.length === 1) {
      return [{ read: only.subject, error: `the database cannot hold what was read (${messageOf(error)})` }];
    }
    const half = Math.ceil(subjects.length / 2);
    return [...(await recordStorable(subjects.slice(0, half), record)), ...(await recordStorable(subjects.slice(half), record))];
  }
}
