import { hash } from 'node:crypto';
import { pendingChange, type PendingChange, type ScopeChange } from './change.js';
import { parseChange } from './parse-change.js';
import { plainChange } from './plain-change.js';
import { Wire } from './wire.js';

// Tags of the fields of orgtrail.graph.v1.GraphChange: number and wire type.
const integrationId = 1 * 8 + 2;
const subject = 2 * 8 + 2;
const subjectVersion = 3 * 8;
const present = 10 * 8 + 2;

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
      const change = (value && plainChange(value)) ?? parseChange(value);
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
  const wire = new Wire(value, 0, value.length);
  while (wire.hasMore) {
    const tag = wire.varint();
    if (tag === integrationId && scope === undefined) scope = wire.plainJsonText(longestName);
    else if (tag === subject && of === undefined) of = wire.plainJsonText(longestName);
    else if (tag === subjectVersion && version === undefined) version = wire.varint();
    else if (tag === present && content === undefined) content = wire.bytes();
    // When and why it was read. What comes behind the content may be another case of the change: the last of a `oneof` would count.
    else if (tag > subjectVersion && tag < present) wire.skip(tag);
    else return undefined;
  }
  if (scope === undefined || of === undefined || content === undefined) return undefined;
  if (version === undefined || !(version > 0) || scope.length === 2 || of.length === 2) return undefined;
  return { scope: scope.slice(1, -1), subject: of.slice(1, -1), version: BigInt(version), content };
}

const longestName = 256;
