import { hash } from 'node:crypto';
import { longestName, longestRecord } from './bounds.js';
import { pendingChange, type IncomingChange, type PendingChange, type ScopeChange } from './change.js';
import { parseChange } from './parse-change.js';
import { ifPlain, notPlain, tagOf, Wire } from './wire.js';

// Fields of orgtrail.graph.v1.GraphChange.
const integrationId = tagOf(1, 'bytes');
const subject = tagOf(2, 'bytes');
const subjectVersion = tagOf(3, 'number');
const explainedVersion = tagOf(7, 'number');
const foundBy = tagOf(8, 'bytes');
const subjectState = tagOf(13, 'bytes');

/**
 * Reads of one record what tells whether it changes anything: most do not, and then nothing else of it is ever read. What is not as our mapper
 * writes it is parsed at once. Throws a `ContractViolation`.
 */
export function readChange(value: Buffer | null): PendingChange | ScopeChange {
  const head = value === null || value.length > longestRecord ? undefined : ifPlain(() => headOf(value));
  if (value === null || head === undefined) {
    const change = parseChange(value);
    return 'content' in change ? pendingChange(change) : change;
  }
  const { scope, subject: of, version, content } = head;
  return new PlainChange(scope, of, version, hash('sha256', content, 'base64url'), value);
}

/** A class: thousands of them wait at a time, and none has a function of its own. */
class PlainChange implements PendingChange {
  constructor(
    readonly scope: string,
    readonly subject: string,
    readonly version: bigint,
    readonly contentHash: string,
    readonly value: Buffer,
  ) {}

  read(): IncomingChange {
    const change = parseChange(this.value);
    if (!('content' in change)) throw new Error('A change of a subject was read as one of a scope.');
    return change;
  }
}

interface Head extends Pick<PendingChange, 'scope' | 'subject' | 'version'> {
  /** The bytes of everything that a living subject owns. */
  content: Buffer;
}

/** Records come organization by organization. */
let lastScope = '';

/** Undefined, or not plain, for whatever is not a plain record of a living subject: endings, changes of scopes, late explanations, fields that come twice, nonsense. */
function headOf(value: Buffer): Head | undefined {
  let scope: string | undefined;
  let of: string | undefined;
  let version: number | undefined;
  let content: Buffer | undefined;
  const wire = new Wire(value);
  while (wire.hasMore) {
    const tag = wire.varint();
    if (tag === integrationId && scope === undefined) scope = lastScope = wire.plainText(longestName, lastScope);
    else if (tag === subject && of === undefined) of = wire.plainText(longestName);
    else if (tag === subjectVersion && version === undefined) version = wire.varint();
    else if (tag === subjectState && content === undefined) content = value.subarray(wire.skipBytes(), wire.at);
    // When and why it was read, and by whom it was found.
    else if ((tag > subjectVersion && tag < explainedVersion) || tag === foundBy) wire.skip(tag);
    // An explanation changes the history although the content is what it was, and of several cases of the change the last would count.
    else return undefined;
  }
  if (scope === undefined || of === undefined || content === undefined || !version) throw notPlain;
  return { scope, subject: of, version: BigInt(version), content };
}
