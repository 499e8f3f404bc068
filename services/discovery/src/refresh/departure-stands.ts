import { explains } from '../events/explains.js';
import type { StoredCause } from '../observed/sql/store-subjects.js';

/**
 * Whether no later event of these brings the subject back. A request lives on until its last confirmation, and who left may have come back
 * meanwhile: then "not found" is AWS's memory, and is confirmed as if nobody had announced it. CloudTrail's times are whole seconds; in the
 * same second, and where a time is missing, the subject may have come back. Pure.
 */
export function departureStands(causes: readonly StoredCause[]): boolean {
  const came = newest(causes, 'created');
  return came === -Infinity || came < newest(causes, 'ended');
}

/** When the newest event that can bring a subject happened, in epoch milliseconds; -Infinity where there is none. */
export function cameAt(causes: readonly StoredCause[]): number {
  return newest(causes, 'created');
}

function newest(causes: readonly StoredCause[], kind: 'created' | 'ended'): number {
  return Math.max(-Infinity, ...causes.filter((cause) => canCause(cause, kind)).map(timeOf));
}

function canCause({ eventId, eventName }: StoredCause, kind: 'created' | 'ended'): boolean {
  return explains({ eventId, eventName }, { kind, changedParts: [] });
}

/** NaN, which is neither before nor after anything, where it has none. */
function timeOf({ eventTime, receivedAt }: StoredCause): number {
  return Date.parse(eventTime ?? receivedAt ?? '');
}
