import { z } from 'zod';
import { isJsonObject, maxJsonDepth, parseBoundedJson, type JsonObject } from '../events/bounded-json.js';
import { parseEventTime } from '../events/event-cause.js';
import { parseRecord, type CloudTrailRecord } from '../events/record.js';

export interface MessageLimits {
  /** UTF-8 bytes of the body. */
  maxBytes: number;
  maxDepth: number;
  /** Records in one message. */
  maxRecords: number;
}

export interface ReceivedRecord {
  /** Whose event bus or trail it comes from, as the message claims: not checked, not even for its form. */
  account?: string;
  record: CloudTrailRecord;
  /** When EventBridge sent it. */
  envelopeTime?: Date;
}

export type RefusalReason = 'too-large' | 'not-json' | 'too-deep' | 'too-many-records' | 'not-an-event';

interface Refused {
  kind: 'refused';
  reason: RefusalReason;
  /** One sentence, without a word of the message. */
  detail: string;
}

/** What a message holds. `unreadable` counts the members of a wrapper that are no events, beside others that are. */
export type ParsedMessage = { kind: 'records'; records: ReceivedRecord[]; unreadable: number } | Refused;

/** An event holds up to 1 MiB, and EventBridge's envelope comes on top. */
export const largestEventBytes = 1024 * 1024 + 64 * 1024;

const defaultLimits: MessageLimits = { maxBytes: largestEventBytes, maxDepth: maxJsonDepth, maxRecords: 1000 };

/** SNS in SQS in a Lambda-style list is three. */
const maxWrappers = 5;

const details: Record<RefusalReason, string> = {
  'too-large': 'The message is larger than an EventBridge event can be.',
  'not-json': 'The message is not JSON.',
  'too-deep': 'The message is nested deeper than any CloudTrail record.',
  'too-many-records': 'The message holds more records than one message can.',
  'not-an-event': 'The message is JSON, but holds no CloudTrail record (an object with an eventName).',
};

/**
 * The CloudTrail records in a message body, which anybody may have written: an EventBridge event, bare or inside an SNS
 * notification, a Lambda-style `Records` list, or a bare record. Unknown members pass, members of a wrong type count as absent.
 * Never throws.
 */
export function parseQueueMessage(body: string | undefined, limits: Partial<MessageLimits> = {}): ParsedMessage {
  const bounds = { ...defaultLimits, ...limits };
  const text = body ?? '';
  // The length in UTF-16 units is a lower bound of the bytes, and free.
  if (text.length > bounds.maxBytes || Buffer.byteLength(text) > bounds.maxBytes) return refusal('too-large');

  const records: ReceivedRecord[] = [];
  const refusals: RefusalReason[] = [];
  const open: Wrapped[] = [{ value: text, isText: true, wrappers: 0 }];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const opened = openOnce(next, bounds.maxDepth);
    if (opened.kind === 'refused') refusals.push(opened.reason);
    else if (opened.kind === 'record') records.push(opened.received);
    else {
      if (open.length + opened.inside.length + records.length + refusals.length > bounds.maxRecords)
        return refusal('too-many-records');
      open.push(...opened.inside);
    }
  }
  if (records.length > 0) return { kind: 'records', records, unreadable: refusals.length };
  return refusal(refusals[0] ?? 'not-an-event');
}

interface Wrapped {
  value: unknown;
  /** JSON text inside a wrapper, still to be parsed. */
  isText: boolean;
  wrappers: number;
}

type Opened =
  | { kind: 'record'; received: ReceivedRecord }
  | { kind: 'wrapper'; inside: Wrapped[] }
  | { kind: 'refused'; reason: RefusalReason };

/** Takes one wrapping off. */
function openOnce({ value, isText, wrappers }: Wrapped, maxDepth: number): Opened {
  if (wrappers > maxWrappers) return { kind: 'refused', reason: 'too-deep' };
  if (isText && typeof value === 'string') {
    const parsed = parseBoundedJson(value, maxDepth);
    return parsed.kind === 'refused' ? parsed : openOnce({ value: parsed.value, isText: false, wrappers }, maxDepth);
  }
  const inside = wrappedIn(value);
  if (inside) {
    return {
      kind: 'wrapper',
      inside: inside.map((member) => ({ value: member, isText: typeof member === 'string', wrappers: wrappers + 1 })),
    };
  }
  const received = isJsonObject(value) ? receivedRecord(value) : undefined;
  return received ? { kind: 'record', received } : { kind: 'refused', reason: 'not-an-event' };
}

/** What a wrapper holds; undefined when this is none. */
function wrappedIn(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value as unknown[];
  if (!isJsonObject(value) || Object.hasOwn(value, 'detail')) return undefined;
  const { Records, Message, Sns, body } = value;
  if (Array.isArray(Records)) return Records as unknown[];
  if (isJsonObject(Sns)) return [Sns];
  if (typeof Message === 'string') return [Message];
  // The member of a Lambda-style list of SQS messages; EventBridge Pipes parse the body beforehand.
  if (typeof body === 'string' || isJsonObject(body)) return [body];
  return undefined;
}

const envelopeSchema = z.object({
  account: z.string().min(1).optional().catch(undefined),
  time: z.string().optional().catch(undefined),
  /** For example `aws.organizations`. */
  source: z
    .string()
    .regex(/^aws\.[a-z-]+$/)
    .optional()
    .catch(undefined),
});

function receivedRecord(value: JsonObject): ReceivedRecord | undefined {
  const isEnvelope = Object.hasOwn(value, 'detail');
  const record = parseRecord(isEnvelope ? detailOf(value) : value);
  if (!record) return undefined;
  const envelope = isEnvelope ? envelopeSchema.parse(value) : {};
  const account = envelope.account ?? record.recipientAccountId;
  const envelopeTime = parseEventTime(envelope.time);
  const eventSource = record.eventSource ?? envelope.source?.replace(/^aws\.(.+)$/, '$1.amazonaws.com');
  return {
    record: eventSource === undefined ? record : { ...record, eventSource },
    // An account id is 12 digits; what is longer is cut, so that it stays wrong and short.
    ...(account === undefined ? {} : { account: account.slice(0, 64) }),
    ...(envelopeTime === undefined ? {} : { envelopeTime }),
  };
}

function detailOf({ detail }: JsonObject): unknown {
  if (typeof detail !== 'string') return detail;
  const parsed = parseBoundedJson(detail);
  return parsed.kind === 'value' ? parsed.value : undefined;
}

function refusal(reason: RefusalReason): Refused {
  return { kind: 'refused', reason, detail: details[reason] };
}
