import { hash } from 'node:crypto';
import { pendingChange, type PendingChange, type ScopeChange } from './change.js';
import { parseChange } from './parse-change.js';

// Numbers of the fields of orgtrail.graph.v1.GraphChange.
const integrationId = 1;
const subject = 2;
const subjectVersion = 3;
const present = 10;

/**
 * Reads of one record what tells whether it changes anything: most do not, and then nothing else of it is ever read. What is not as our mapper
 * writes it is parsed at once. Throws a `ContractViolation`.
 */
export function readChange(value: Buffer | null): PendingChange | ScopeChange {
  const head = value === null ? undefined : headOf(value);
  if (head === undefined) {
    const change = parseChange(value);
    return 'content' in change ? pendingChange(change) : change;
  }
  return {
    ...head,
    contentHash: hash('sha256', head.content, 'base64url'),
    read: () => {
      const change = parseChange(value);
      if (!('content' in change)) throw new Error('A change of a subject was read as one of a scope.');
      return change;
    },
  };
}

interface Head {
  scope: string;
  subject: string;
  version: bigint;
  /** The bytes of everything that a living subject owns. */
  content: Buffer;
}

/** Undefined for whatever is not a plain record of a living subject: endings, changes of scopes, fields that come twice, nonsense. */
function headOf(value: Buffer): Head | undefined {
  let scope: string | undefined;
  let of: string | undefined;
  let version: number | undefined;
  let content: Buffer | undefined;
  const reader = { value, at: 0 };
  while (reader.at < value.length) {
    const tag = varint(reader);
    if (Number.isNaN(tag)) return undefined;
    const field = Math.floor(tag / 8);
    const wire = tag % 8;
    if (field === subjectVersion) {
      if (wire !== 0 || version !== undefined) return undefined;
      version = varint(reader);
      continue;
    }
    if (wire === 0) {
      varint(reader);
      continue;
    }
    if (wire !== 2) return undefined;
    const length = varint(reader);
    const end = reader.at + length;
    if (!(end <= value.length)) return undefined;
    switch (field) {
      case integrationId:
        if (scope !== undefined) return undefined;
        scope = name(value, reader.at, end);
        break;
      case subject:
        if (of !== undefined) return undefined;
        of = name(value, reader.at, end);
        break;
      case present:
        if (content !== undefined) return undefined;
        content = value.subarray(reader.at, end);
        break;
      default:
        // 11 and 12 are the other cases of the change. The last case of a `oneof` would count.
        if (field > present) return undefined;
    }
    reader.at = end;
  }
  if (!scope || !of || version === undefined || !(version > 0) || content === undefined) return undefined;
  return { scope, subject: of, version: BigInt(version), content };
}

const longestName = 256;

/** Empty for what the full parse has to judge: other characters than those of our names. */
function name(value: Buffer, start: number, end: number): string {
  if (end - start > longestName) return '';
  for (let at = start; at < end; at += 1) {
    const byte = value[at];
    if (byte === undefined || byte < 0x20 || byte > 0x7e) return '';
  }
  return value.toString('latin1', start, end);
}

/** NaN where none ends within eight bytes: larger than any time, and than what a number holds. */
function varint(reader: { value: Buffer; at: number }): number {
  let result = 0;
  for (let shift = 1; shift < 2 ** 56; shift *= 128) {
    const byte = reader.value[reader.at];
    if (byte === undefined) return Number.NaN;
    reader.at += 1;
    result += (byte & 0x7f) * shift;
    if (byte < 0x80) return result <= Number.MAX_SAFE_INTEGER ? result : Number.NaN;
  }
  return Number.NaN;
}
