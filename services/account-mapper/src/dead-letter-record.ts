import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { bytesOf, type IncomingRecord, type OutgoingRecord } from '@orgtrail/messaging';
import { graph, valueNotKeptHeader } from '@orgtrail/proto';
import type { ContractViolation } from './normalize/subject-change.js';

/** What every broker takes, with room for what the protocol puts around it. */
const mostBytes = 900 * 1024;

export interface FailedRecord {
  topic: string;
  partition: number;
  group: string;
  record: IncomingRecord;
  error: ContractViolation;
  failedAt: number;
}

/** The dead letter of a record; without its value, and if need be without key and headers, where the bus would not take it. Pure. */
export function deadLetterRecord(failed: FailedRecord): OutgoingRecord {
  const { topic, partition, group, record, error, failedAt } = failed;
  const kept = {
    topic,
    partition,
    offset: record.offset,
    group,
    code: error.code,
    message: error.message,
    recordKey: new TextEncoder().encode(record.key ?? ''),
    recordValue: record.value ?? new Uint8Array(),
    headers: record.headers as Record<string, Uint8Array>,
    failedAt: timestampFromMs(failedAt),
  };
  const whole = outgoing(kept);
  if (bytesOf(whole) <= mostBytes) return whole;

  const size = String(record.value?.length ?? 0);
  const notKept = { [valueNotKeptHeader]: new TextEncoder().encode(size) };
  const message =
    `${error.message} The value was too large to keep (${size} bytes): ` +
    `it lies in ${topic}, partition ${partition}, offset ${record.offset.toString()}, for as long as that topic keeps it.`;
  const withoutValue = { ...kept, message, recordValue: new Uint8Array(), headers: { ...kept.headers, ...notKept } };
  const smaller = outgoing(withoutValue);
  return bytesOf(smaller) <= mostBytes ? smaller : outgoing({ ...withoutValue, recordKey: new Uint8Array(), headers: notKept });
}

const outgoing = (letter: Omit<graph.DeadLetter, '$typeName' | '$unknown'>): OutgoingRecord => ({
  key: `${letter.topic}/${letter.partition}`,
  value: toBinary(graph.DeadLetterSchema, create(graph.DeadLetterSchema, letter)),
});
