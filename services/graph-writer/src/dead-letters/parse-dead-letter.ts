import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { graph } from '@orgtrail/proto';
import { validDate } from '../parse-change.js';
import { ContractViolation } from '../record-failure.js';
import { storableText } from '../storable.js';
import { storedHeaders, type DeadLetter } from './dead-letter.js';

/** Reads a dead letter that another service published. Throws a `ContractViolation`. */
export function parseDeadLetter(value: Uint8Array | null): DeadLetter {
  if (value === null) throw new ContractViolation('UNPARSABLE', 'The record has no value.');
  const letter = decode(value);
  if (letter.topic === '' || letter.offset < 0n) {
    throw new ContractViolation('CONTRACT_VIOLATION', 'The dead letter does not say which record it is.');
  }
  const failedAt = validDate(letter.failedAt ? timestampDate(letter.failedAt) : new Date());
  return {
    topic: storableText(letter.topic),
    partition: letter.partition,
    offset: letter.offset,
    group: storableText(letter.group),
    code: storableText(letter.code),
    message: storableText(letter.message),
    recordKey: storableText(new TextDecoder().decode(letter.recordKey)),
    recordValue: letter.recordValue,
    headers: storedHeaders(letter.headers),
    failedAt,
  };
}

function decode(value: Uint8Array): graph.DeadLetter {
  try {
    return fromBinary(graph.DeadLetterSchema, value);
  } catch {
    throw new ContractViolation('UNPARSABLE', 'The value is not an orgtrail.graph.v1.DeadLetter.');
  }
}
