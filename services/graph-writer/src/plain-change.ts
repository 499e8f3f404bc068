import { longestKey, longestName, shortestEntityKey } from './bounds.js';
import type { StagedChange } from './change.js';
import type { CopyLines } from './copy-lines.js';
import { addStruct, addText, addTexts } from './plain-json.js';
import { addRelationships } from './plain-relationships.js';
import { ifPlain, notPlain, tagOf, Wire } from './wire.js';

/** The columns of `staged` that the bytes of a record do not tell. */
interface PlainHead {
  scope: string;
  subject: string;
  version: bigint;
  contentHash: string | null;
}

/**
 * Adds the line of a record as our mapper writes it, the same that `addChangeLine` makes of `parseChange` but for the order of keys in JSON, many times
 * faster: the content is never built, its bytes become JSON as they are read. Adds nothing, and says undefined, for everything that is not plain: an ending, a
 * cause, a violation of the contract, text that JSON escapes or that Postgres cannot store.
 */
export function addPlainLine(lines: CopyLines, index: number, head: PlainHead, value: Buffer): StagedChange | undefined {
  const before = lines.length;
  lines.makeRoom(longestHead + value.length * greatestGrowth);
  const added = ifPlain(() => addLine(lines, index, head, value));
  // It cannot need more room; if it does, nothing of it was written beyond.
  if (added !== undefined && lines.length <= lines.bytes.length) return added;
  lines.length = before;
  return undefined;
}

// Tags on the wire, by wire type and number of the field.
const number1 = tagOf(1, 'number');
const number2 = tagOf(2, 'number');
const number3 = tagOf(3, 'number');
const number6 = tagOf(6, 'number');
const bytes1 = tagOf(1, 'bytes');
const bytes2 = tagOf(2, 'bytes');
const bytes3 = tagOf(3, 'bytes');
const bytes4 = tagOf(4, 'bytes');
const bytes5 = tagOf(5, 'bytes');
const bytes6 = tagOf(6, 'bytes');
const bytes10 = tagOf(10, 'bytes');

const nothing = '\\N';

// What stands between the texts of a record, as bytes.
const noEntity = Buffer.from(`${nothing}\t${nothing}\t${nothing}\t${nothing}\t${nothing}\t{`);
const nothingColumn = Buffer.from(nothing);
const beforeClasses = Buffer.from('\t{');
const behindClasses = Buffer.from('}\t');
const beforeType = Buffer.from('\t{"type":"');
const beforeJsonClasses = Buffer.from('","classes":[');
const beforeDisplayName = Buffer.from('],"displayName":"');
const beforeAccountId = Buffer.from('","accountId":');
const beforeProperties = Buffer.from(',"properties":');
const beforeRelationships = Buffer.from('"relationships":[');
const behindRelationships = Buffer.from(']}\n');
const jsonNull = Buffer.from('null');

/** The line of a record has at most so many bytes for each of its own: the shortest relationships grow the most, by the names of their fields. */
const greatestGrowth = 8;
const longestHead = 4096;

function addLine(lines: CopyLines, index: number, head: PlainHead, value: Buffer): StagedChange {
  const wire = new Wire(value);
  let observedAtMs: number | undefined;
  let baseline = false;
  let [content, contentEnd] = [0, 0];
  while (wire.hasMore) {
    switch (wire.varint()) {
      case bytes1:
      case bytes2:
        wire.skipBytes();
        break;
      case number3:
        wire.varint();
        break;
      case bytes4:
        if (observedAtMs !== undefined) throw notPlain;
        observedAtMs = timestamp(wire);
        break;
      case number6:
        baseline = wire.varint() === 1;
        break;
      case bytes10:
        if (contentEnd > 0) throw notPlain;
        content = wire.skipBytes();
        contentEnd = wire.at;
        break;
      default:
        throw notPlain;
    }
  }
  if (contentEnd === 0) throw notPlain;
  const observedAt = isoTime(observedAtMs ?? Number(head.version / 1000n));
  lines.text(
    `${index}\t${head.scope}\t${head.subject}\t${head.version}\t${head.contentHash ?? nothing}\t${baseline ? 't' : 'f'}\t${nothing}\t${observedAt}\t${nothing}\t`,
  );
  wire.goTo(content, contentEnd);
  return { scope: head.scope, entityKey: addContent(lines, wire) };
}

/** The columns of the entity, and the state as the history keeps it (`StoredState`). */
function addContent(lines: CopyLines, wire: Wire): string | null {
  const { at, end } = wire;
  let entity = 0;
  while (wire.hasMore) {
    const tag = wire.varint();
    if (tag === bytes1) {
      if (entity > 0) throw notPlain;
      entity = wire.at;
    }
    wire.skip(tag);
  }
  let key: string | null = null;
  if (entity === 0) {
    lines.part(noEntity);
  } else {
    wire.goTo(entity, end);
    wire.enter();
    key = addEntity(lines, wire);
    lines.byte(comma);
  }
  wire.goTo(at, end);
  lines.part(beforeRelationships);
  addRelationships(lines, wire);
  lines.part(behindRelationships);
  return key;
}

/** The columns of an entity, and its part of the state. Leaves the state open. */
function addEntity(lines: CopyLines, wire: Wire): string {
  const { buffer } = wire;
  let [key, keyEnd] = [0, 0];
  let [type, typeEnd] = [0, 0];
  let [name, nameEnd] = [0, 0];
  let [account, accountEnd] = [0, 0];
  let [properties, propertiesEnd] = [0, 0];
  const classes: number[] = [];
  while (wire.hasMore) {
    switch (wire.varint()) {
      case bytes1:
        key = wire.skipBytes();
        keyEnd = wire.at;
        break;
      case bytes2:
        type = wire.skipBytes();
        typeEnd = wire.at;
        break;
      case bytes3:
        classes.push(wire.skipBytes(), wire.at);
        break;
      case bytes4:
        name = wire.skipBytes();
        nameEnd = wire.at;
        break;
      case bytes5:
        account = wire.skipBytes();
        accountEnd = wire.at;
        break;
      case bytes6:
        // Two messages of one field would be one.
        if (propertiesEnd > 0) throw notPlain;
        properties = wire.skipBytes();
        propertiesEnd = wire.at;
        break;
      default:
        throw notPlain;
    }
  }
  if (keyEnd - key < shortestEntityKey || keyEnd - key > longestKey) throw notPlain;
  if (typeEnd === type || typeEnd - type > longestName || accountEnd - account > longestName) throw notPlain;
  const hasAccount = accountEnd > account;

  // Its length is counted in characters the long way.
  if (!lines.plainText(buffer, key, keyEnd)) throw notPlain;
  lines.byte(tab);
  lines.plainText(buffer, type, typeEnd);
  lines.part(beforeClasses);
  addTexts(lines, buffer, classes);
  lines.part(behindClasses);
  lines.plainText(buffer, name, nameEnd);
  lines.byte(tab);
  if (hasAccount) lines.plainText(buffer, account, accountEnd);
  else lines.part(nothingColumn);
  lines.part(beforeType);
  lines.part(buffer, type, typeEnd);
  lines.part(beforeJsonClasses);
  addTexts(lines, buffer, classes);
  lines.part(beforeDisplayName);
  lines.part(buffer, name, nameEnd);
  lines.part(beforeAccountId);
  if (hasAccount) addText(lines, buffer, account, accountEnd);
  else lines.part(jsonNull);
  lines.part(beforeProperties);
  wire.goTo(properties, propertiesEnd);
  addStruct(lines, wire);
  return buffer.toString('latin1', key, keyEnd);
}

/** Milliseconds since the epoch, of a time that ISO text can say in four digits of the year. */
function timestamp(wire: Wire): number {
  const outer = wire.enter();
  let seconds = 0;
  let nanos = 0;
  while (wire.hasMore) {
    const tag = wire.varint();
    if (tag === number1) seconds = wire.varint();
    else if (tag === number2) nanos = wire.varint();
    else throw notPlain;
  }
  wire.leave(outer);
  if (!(seconds < 253_402_300_800 && nanos < 1_000_000_000)) throw notPlain;
  return seconds * 1000 + Math.round(nanos / 1_000_000);
}

let lastTime = { ms: Number.NaN, iso: '' };

/** One sync has the same time for everything. */
function isoTime(ms: number): string {
  if (lastTime.ms === ms) return lastTime.iso;
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) throw notPlain;
  lastTime = { ms, iso: date.toISOString() };
  return lastTime.iso;
}

const tab = 0x09;
const comma = 0x2c;
