import type pg from 'pg';
import { foundKindsExplainedBy } from '../proof/found-change-kinds.js';
import { newestFoundChanges, type FoundChange } from '../proof/sql/newest-found-changes.js';
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
  const found = await newestFoundChanges(
    client,
    integrationId,
    asked.map(({ subject }) => subject),
  );
  return entries.map((entry) => {
    const change = asked.includes(entry) ? found.get(entry.subject) : undefined;
    const telling = change && newestNamed((entry.causes ?? []).filter((cause) => tellsOf(change, cause)));
    if (!telling) return entry;
    return { ...entry, cause: { ...telling, explainedVersion: change.subjectVersion }, isExplainedLate: true };
  });
}

/** What happened after a change was found cannot have caused it. */
function tellsOf({ kinds, foundAt }: FoundChange, cause: StoredCause): boolean {
  if (cause.eventTime === undefined || !(Date.parse(cause.eventTime) <= foundAt.getTime())) return false;
  return foundKindsExplainedBy(cause).some((kind) => kinds.includes(kind));
}
