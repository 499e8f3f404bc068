import { explains } from '../events/explains.js';
import type { StoredCause } from '../observed/sql/store-subjects.js';

/**
 * Whether no later event of these brings the subject back. A request lives on until its last confirmation, and who left may have come back
 * meanwhile: then "not found" is AWS's memory, and is confirmed as if nobody had announced it. CloudTrail's times are whole seconds; in the
 * same second, and where a time is missing, the subject may have come back. Pure.
 */
export function departureStands(causes: readonly StoredCause[]): boolean {
  const newest = (kind: 'created' | 'ended'): number =>
    Math.max(-Infinity, ...causes.filter((cause) => canCause(cause, kind)).map(timeOf));
  const came = newest('created');
  return came === -Infinity || came < newest('ended');
}

function canCause({ eventId, eventName }: StoredCause, kind: 'created' | 'ended'): boolean {
  return explains({ eventId, eventName }, { kind, changedParts: [] });
}

/** NaN, which is neither before nor after anything, where it has none. */
function timeOf({ eventTime, receivedAt }: StoredCause): number {
  return Date.parse(eventTime ?? receivedAt ?? '');
}
