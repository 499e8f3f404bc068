import { carriedTraceparent } from '@orgtrail/messaging';
import type pg from 'pg';
import { explains } from '../events/explains.js';
import type { EventCause } from '../events/hint.js';
import type { Integration } from '../integrations/integration.js';
import { recentCauses } from '../proof/sql/recent-causes.js';
import type { SubjectKey } from '../subjects.js';
import { isChangeOfTheOrganization, type SubjectChange } from './merge.js';
import type { StoredCause } from './sql/store-subjects.js';

interface Attributable {
  subject: SubjectKey;
  change: SubjectChange;
  causes?: readonly StoredCause[];
}

/**
 * A change takes the newest cause whose kind fits what changed: one that asked for the reading, else one that was seen recently.
 * A cause that names who acted is preferred: AWS's result events (CreateAccountResult, AccountDepartedOrganization) do not.
 */
export async function attribute<T extends Attributable>(
  client: pg.PoolClient,
  integration: Integration,
  subjects: readonly T[],
  { baseline }: { baseline: boolean },
): Promise<(T & { cause: StoredCause | undefined })[]> {
  const fitting = (change: SubjectChange, causes: readonly StoredCause[]) =>
    newestNamed(causes.filter((cause) => changeIsExplainedBy(change, cause)));

  const attributed = subjects.map((entry) => ({ ...entry, cause: fitting(entry.change, entry.causes ?? []) }));
  // AWS's own result events do not say who: one that does may have come in meanwhile.
  const open = attributed.filter(({ cause, change }) => cause?.principalArn === undefined && isChangeOfTheOrganization(change));
  if (baseline || open.length === 0) return attributed;
  const recent = await recentCauses(
    client,
    integration.id,
    open.map(({ subject }) => subject),
  );
  return attributed.map((entry) =>
    open.includes(entry)
      ? { ...entry, cause: fitting(entry.change, [...(entry.causes ?? []), ...(recent.get(entry.subject) ?? [])]) }
      : entry,
  );
}

/** The newest of these; one that names who acted before one that does not. */
export function newestNamed(causes: readonly StoredCause[]): StoredCause | undefined {
  return [...causes].sort(byPrincipalThenEventTime).at(-1);
}

function byPrincipalThenEventTime(left: StoredCause, right: StoredCause): number {
  const named = (cause: StoredCause) => (cause.principalArn === undefined ? 0 : 1);
  return named(left) - named(right) || (left.eventTime ?? '').localeCompare(right.eventTime ?? '');
}

function changeIsExplainedBy(change: SubjectChange, { eventTime, ...cause }: StoredCause): boolean {
  if (!isChangeOfTheOrganization(change)) return false;
  const event: EventCause = { ...cause, ...(eventTime === undefined ? {} : { eventTime: new Date(eventTime) }) };
  return explains(event, {
    kind: change.kind as 'created' | 'updated' | 'ended',
    changedParts: change.changedParts,
    changedFields: change.changedFields,
  });
}

/** The trace of the event goes on with what is published. */
export function carried({ traceparent, ...cause }: StoredCause): StoredCause {
  const goesOn = carriedTraceparent(traceparent);
  return { ...cause, ...(goesOn === undefined ? {} : { traceparent: goesOn }) };
}
