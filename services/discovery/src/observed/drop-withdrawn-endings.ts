import type { Queryable } from '@orgtrail/database';
import { isGuarded } from '../refresh/guard-endings.js';
import { standingAsks, type AskedFor } from '../refresh/sql/standing-asks.js';
import { unchanged, type MergedReads } from './hold-endings.js';
import { isLive } from './subject-state.js';

/**
 * Drops what AWS did not find where the asking for it does not stand any more: an operator discarded the deletion while AWS was being
 * asked, or somebody asked again and is owed another answer. The integration has to be locked where something ends.
 */
export async function dropWithdrawnEndings<T extends MergedReads & { asked?: Omit<AskedFor, 'subject'> }>(
  database: Queryable,
  integrationId: string,
  merged: readonly T[],
): Promise<T[]> {
  const ending = merged.flatMap(({ subject, change, before, departureAnnounced, asked }) =>
    change.kind === 'ended' && isLive(before.state) && departureAnnounced !== true && isGuarded(subject) && asked
      ? [{ subject, ...asked }]
      : [],
  );
  if (ending.length === 0) return [...merged];
  const standing = await standingAsks(database, integrationId, ending);
  const withdrawn = new Set(ending.filter(({ ask }) => !standing.has(ask)).map(({ subject }) => subject));
  return merged.map((entry) =>
    withdrawn.has(entry.subject)
      ? {
          ...entry,
          reads: entry.reads.filter(({ part }) => part !== 'existence'),
          state: entry.before.state,
          change: unchanged,
        }
      : entry,
  );
}
