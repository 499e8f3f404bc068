import type { IncomingRecord } from '@orgtrail/messaging';
import type { RecordFailure } from '../record-failure.js';
import { storableText } from '../storable.js';
import type { BusPosition } from '../sql/consumer-offsets.js';

/** Text as text, so that an operator can read it; other bytes as base64. */
export type StoredHeaders = Record<string, string | { base64: string }>;

/** A record that failed for a reason of its own. (topic, partition, offset) is its identity. */
export interface DeadLetter {
  topic: string;
  partition: number;
  offset: bigint;
  group: string;
  code: string;
  message: string;
  recordKey: string | null;
  recordValue: Uint8Array | null;
  headers: StoredHeaders;
  failedAt: Date;
}

export function deadLetterOf(position: BusPosition, record: IncomingRecord, failure: RecordFailure, failedAt: Date): DeadLetter {
  return {
    ...position,
    offset: record.offset,
    ...failure,
    recordKey: record.key === null ? null : storableText(record.key),
    recordValue: record.value,
    headers: storedHeaders(record.headers),
    failedAt,
  };
}

export function storedHeaders(headers: Record<string, Uint8Array>): StoredHeaders {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [storableText(name), storedHeader(value)]));
}

function storedHeader(value: Uint8Array): string | { base64: string } {
  const bytes = Buffer.from(value);
  const text = bytes.toString('utf8');
  const isText = !text.includes('\0') && Buffer.from(text, 'utf8').equals(bytes);
  return isText ? text : { base64: bytes.toString('base64') };
}
