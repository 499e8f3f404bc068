import { longestKey, longestName, shortestEntityKey } from './bounds.js';
import type { StagedChange } from './change.js';
import type { CopyRows } from './copy-rows.js';
import { addStagedHead } from './copy-row.js';
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
 * Adds the row of a record as our mapper writes it, the same that `addChangeRow` makes of `parseChange` but for the order of keys in JSON, many times
 * faster: the content is never built, its bytes become JSON as they are read. Adds nothing, and says undefined, for everything that is not plain: an ending, a
 * cause, a violation of the contract, text that JSON escapes or that Postgres cannot store.
 */
export function addPlainRow(
  rows: CopyRows,
  index: number,
  head: PlainHead,
  value: Buffer,
  staging: { isStateText: boolean },
): StagedChange | undefined {
  const before = rows.length;
  rows.makeRoom(longestHead + value.length * greatestGrowth);
  const added = ifPlain(() => addRow(rows, index, head, value, staging));
  // It cannot need more room; if it does, nothing of it was written beyond.
  if (added !== undefined && rows.length <= rows.bytes.length) return added;
  rows.length = before;
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

// What stands between the texts of a record, as bytes.
const openBrace = Buffer.from('{');
const beforeType = Buffer.from('{"type":"');
const beforeJsonClasses = Buffer.from('","classes":[');
const beforeDisplayName = Buffer.from('],"displayName":"');
const beforeAccountId = Buffer.from('","accountId":');
const beforeProperties = Buffer.from(',"properties":');
const beforeRelationships = Buffer.from('"relationships":[');
const behindRelationships = Buffer.from(']}');
const jsonNull = Buffer.from('null');

/** The row of a record has at most so many bytes for each of its own: the shortest relationships grow the most, by the names of their fields. */
const greatestGrowth = 8;
const longestHead = 4096;
/** From the key to the account. */
const entityColumns = 5;

function addRow(
  rows: CopyRows,
  index: number,
  head: PlainHead,
  value: Buffer,
  { isStateText }: { isStateText: boolean },
): StagedChange {
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
  addStagedHead(rows, index, { ...head, baseline, cause: null, observedAt, reason: null, explainedVersion: null });
  wire.goTo(content, contentEnd);
  return { scope: head.scope, entityKey: addContent(rows, wire, isStateText) };
}

/** The columns of the entity, and the state as the history keeps it (`StoredState`). */
function addContent(rows: CopyRows, wire: Wire, isStateText: boolean): string | null {
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
  let state: number;
  if (entity === 0) {
    for (let column = 1; column <= entityColumns; column += 1) rows.nothing();
    state = isStateText ? rows.openField() : rows.openJsonb();
    rows.part(openBrace);
  } else {
    wire.goTo(entity, end);
    wire.enter();
    ({ key, state } = addEntity(rows, wire, isStateText));
    rows.byte(comma);
  }
  wire.goTo(at, end);
  rows.part(beforeRelationships);
  addRelationships(rows, wire);
  rows.part(behindRelationships);
  rows.closeField(state);
  return key;
}

/** The columns of an entity, and its part of the state. Leaves the state open. */
function addEntity(rows: CopyRows, wire: Wire, isStateText: boolean): { key: string; state: number } {
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
  let field = rows.openField();
  if (!rows.plainText(buffer, key, keyEnd)) throw notPlain;
  rows.closeField(field);
  field = rows.openField();
  rows.plainText(buffer, type, typeEnd);
  rows.closeField(field);
  const array = rows.openArray(classes.length / 2);
  for (let at = 0; at < classes.length; at += 2) {
    field = rows.openField();
    rows.plainText(buffer, classes[at] ?? 0, classes[at + 1] ?? 0);
    rows.closeField(field);
  }
  rows.closeField(array);
  field = rows.openField();
  rows.plainText(buffer, name, nameEnd);
  rows.closeField(field);
  if (hasAccount) {
    field = rows.openField();
    rows.plainText(buffer, account, accountEnd);
    rows.closeField(field);
  } else rows.nothing();

  const state = isStateText ? rows.openField() : rows.openJsonb();
  rows.part(beforeType);
  rows.part(buffer, type, typeEnd);
  rows.part(beforeJsonClasses);
  addTexts(rows, buffer, classes);
  rows.part(beforeDisplayName);
  rows.part(buffer, name, nameEnd);
  rows.part(beforeAccountId);
  if (hasAccount) addText(rows, buffer, account, accountEnd);
  else rows.part(jsonNull);
  rows.part(beforeProperties);
  wire.goTo(properties, propertiesEnd);
  addStruct(rows, wire);
  return { key: buffer.toString('latin1', key, keyEnd), state };
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

const comma = 0x2c;
