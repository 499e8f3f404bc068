import type pg from 'pg';
import { foundKindsExplainedBy } from '../proof/found-change-kinds.js';
import { selectRecentFinds, type FoundChange } from '../proof/sql/select-recent-finds.js';
import type { SubjectKey } from '../subjects.js';
import { newestNamed } from './attribute.js';
import type { SubjectChange } from './merge.js';
import type { StoredCause } from './sql/store-subjects.js';
import { isLive, type SubjectState } from './subject-state.js';

interface Read {
  subject: SubjectKey;
  state: SubjectState;
  change: SubjectChange;
  /** Events that asked for the reading. */
  causes?: readonly StoredCause[];
  cause: StoredCause | undefined;
  isExplainedLate: boolean;
}

/**
 * An event may come after a sync has found what it tells of: the reading that it asks for finds nothing new, and the change has no cause. It is published
 * again then, with the cause, and with the version of the change that it explains.
 */
export async function explainLate<T extends Read>(
  client: pg.PoolClient,
  integrationId: string,
  entries: readonly T[],
): Promise<T[]> {
  const asked = entries.filter(
    ({ change, state, causes = [], isExplainedLate }) =>
      change.kind === 'none' && isLive(state) && causes.length > 0 && !isExplainedLate,
  );
  if (asked.length === 0) return [...entries];
  const finds = await selectRecentFinds(
    client,
    integrationId,
    asked.map(({ subject }) => subject),
  );
  return entries.map((entry) => {
    const found = (asked.includes(entry) ? finds.get(entry.subject) : undefined) ?? [];
    const newest = found.at(-1);
    // The first find after an event is the one that it explains. What was found since stands above that: only the newest can still be told.
    const tells = (cause: StoredCause): boolean => found.find((change) => tellsOf(change, cause)) === newest;
    const telling = newest && newestNamed((entry.causes ?? []).filter(tells));
    if (!telling) return entry;
    return { ...entry, cause: { ...telling, explainedVersion: newest.subjectVersion }, isExplainedLate: true };
  });
}

/** What happened after a change was found cannot have caused it. */
function tellsOf({ kinds, foundAt }: FoundChange, cause: StoredCause): boolean {
  if (cause.eventTime === undefined || !(Date.parse(cause.eventTime) <= foundAt.getTime())) return false;
  return foundKindsExplainedBy(cause).some((kind) => kinds.includes(kind));
}
