import type pg from 'pg';
import type { StoredIntegration } from '../integrations/integration.js';
import { guardEndings, isGuarded } from '../refresh/guard-endings.js';
import { releaseDeletions } from '../refresh/sql/held-deletions.js';
import type { SubjectKey } from '../subjects.js';
import type { SubjectChange } from './merge.js';
import { isLive, type PartRead, type SubjectState } from './subject-state.js';

export interface MergedReads {
  subject: SubjectKey;
  reads: readonly PartRead[];
  departureAnnounced?: boolean;
  before: { state: SubjectState };
  state: SubjectState;
  change: SubjectChange;
}

/**
 * Holds endings that no event announced and that are too many (invariant 5): a held subject stays as it was, and its member is paused. Releases
 * those that need no answer any more. Where something ends, the integration has to be locked.
 */
export async function holdEndings<T extends MergedReads>(
  client: pg.PoolClient,
  integration: StoredIntegration,
  merged: readonly T[],
): Promise<{ accepted: T[]; held: ReadonlySet<SubjectKey> }> {
  const held = await guardEndings(
    client,
    integration,
    merged.filter(
      ({ change, before, departureAnnounced }) => change.kind === 'ended' && isLive(before.state) && departureAnnounced !== true,
    ),
  );
  const answered = merged.filter((entry) => !held.has(entry.subject) && answersHold(entry)).map(({ subject }) => subject);
  if (answered.length > 0) await releaseDeletions(client, integration.id, answered);
  const accepted = merged.map((entry) =>
    held.has(entry.subject) ? { ...entry, state: entry.before.state, change: unchanged } : entry,
  );
  return { accepted, held };
}

/** What a change is where the subject stays as it was. */
export const unchanged: SubjectChange = { kind: 'none', changedParts: [], changedFields: [] };

/** It was found alive, or has ended: nobody waits for an operator any more. */
function answersHold({ subject, change, state, reads }: MergedReads): boolean {
  if (!isGuarded(subject)) return false;
  return change.kind === 'ended' || (isLive(state) && reads.some(({ part }) => part === 'core'));
}
