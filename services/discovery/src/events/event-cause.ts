import { createHash } from 'node:crypto';
import { isJsonObject, maxJsonDepth } from './bounded-json.js';
import type { EventCause } from './hint.js';
import { textAt } from './payload.js';
import type { CloudTrailRecord } from './record.js';

/** Who did what, from one record. */
export function causeOf(record: CloudTrailRecord): EventCause {
  const { userIdentity } = record;
  const eventTime = parseEventTime(record.eventTime);
  const principalArn =
    asLine(textAt(userIdentity, 'arn')) ?? asLine(textAt(userIdentity, 'sessionContext', 'sessionIssuer', 'arn'));
  const invokedBy = asLine(textAt(userIdentity, 'invokedBy'));
  return {
    eventId: record.eventID ?? derivedEventId(record),
    eventName: record.eventName,
    ...(eventTime === undefined ? {} : { eventTime }),
    ...(principalArn === undefined ? {} : { principalArn }),
    ...(invokedBy === undefined ? {} : { invokedBy }),
  };
}

const timeForm = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)? ?(Z|[+-]\d{2}:?\d{2})?$/i;

/** CloudTrail writes `2021-05-20T15:53:47Z`; SIEMs put a space for the T or drop the zone, which is always UTC. */
export function parseEventTime(text: string | undefined): Date | undefined {
  const form = timeForm.exec(text ?? '');
  if (!form) return undefined;
  const [, day = '', time = '', zone = 'Z'] = form;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  const parsed = new Date(`${day}T${time}${offset}`);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}

/** Longer than any ARN, or with control characters: made by nobody we want to name. */
function asLine(text: string | undefined): string | undefined {
  return text !== undefined && /^[^\p{Cc}]{1,2048}$/u.test(text) ? text : undefined;
}

/** Some SIEMs drop `eventID`. The same record gives the same id, whatever the order of its members. */
function derivedEventId(record: CloudTrailRecord): string {
  return `sha256-${createHash('sha256').update(canonicalJson(record)).digest('hex')}`;
}

/** JSON with sorted members. What lies deeper than a record can is left out, so that the recursion is bounded. */
function canonicalJson(value: unknown, depth = 0): string {
  if (depth > maxJsonDepth) return 'null';
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, depth + 1)).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value ?? null);
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key], depth + 1)}`);
  return `{${members.join(',')}}`;
}
