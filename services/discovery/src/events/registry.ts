import { accountClosure } from './account-closure.js';
import { accountCreation } from './account-creation.js';
import { accountDeparture } from './account-departure.js';
import { accountJoining } from './account-joining.js';
import { accountManagement } from './account-management.js';
import { accountMove } from './account-move.js';
import { controlTower } from './control-tower.js';
import { delegatedAdministrator } from './delegated-administrator.js';
import type { EventContext, EventKind } from './event-kind.js';
import { causeOf } from './event-cause.js';
import type { Interpretation, NoOpReason } from './hint.js';
import { invitation } from './invitation.js';
import { irrelevantEvents } from './irrelevant.js';
import { organization } from './organization.js';
import { organizationalUnit } from './organizational-unit.js';
import type { CloudTrailRecord } from './record.js';
import { resourceTags } from './resource-tags.js';

export const eventKinds: readonly EventKind[] = [
  ...accountCreation,
  ...accountJoining,
  ...accountDeparture,
  ...accountClosure,
  ...accountMove,
  ...accountManagement,
  ...invitation,
  ...organizationalUnit,
  ...resourceTags,
  ...delegatedAdministrator,
  ...controlTower,
  ...organization,
];

const kinds = new Map(eventKinds.map((kind) => [keyOf(kind.source, kind.name), kind]));
const irrelevant = new Set(irrelevantEvents.flatMap(({ source, names }) => names.map((name) => keyOf(source, name))));

/**
 * What one CloudTrail record tells us to look at. Known by source and name alone: by which detail-type AWS sends the membership
 * events is not settled. Pure, never throws.
 */
export function interpret(record: CloudTrailRecord, context: EventContext): Interpretation {
  const noOp = (reason: NoOpReason): Interpretation => ({ kind: 'no-op', eventName: record.eventName, reason });
  if (record.errorCode !== undefined) return noOp('failed-call');

  // A normalized record without a source comes from a rule on Organizations, as all of ours do.
  const key = keyOf(record.eventSource ?? 'organizations.amazonaws.com', record.eventName);
  if (irrelevant.has(key)) return noOp('irrelevant');
  const kind = kinds.get(key);
  if (!kind) return noOp(isRead(record) ? 'read-only' : 'unknown-event');

  const meaning = kind.read(record, context);
  if (meaning === 'irrelevant') return noOp('irrelevant');
  const { hints, fullSync, correlation } = meaning;
  const departure = kind.departure?.(record);
  const cause = { ...causeOf(record), ...(departure === undefined ? {} : { departure }) };
  const head = { cause, hints, ...(correlation === undefined ? {} : { correlation }) };
  return fullSync === undefined ? { kind: 'hints', ...head } : { kind: 'full-sync', ...head, fullSync: { reason: fullSync } };
}

function isRead({ eventName, readOnly }: CloudTrailRecord): boolean {
  return readOnly === true || /^(List|Describe|Get)[A-Z]/.test(eventName);
}

function keyOf(source: string, name: string): string {
  return `${source} ${name}`;
}
