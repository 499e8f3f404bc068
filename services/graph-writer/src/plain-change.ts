import { fromBinary } from '@bufbuild/protobuf';
import { observation } from '@orgtrail/proto';
import { longestKey, longestName, shortestEntityKey } from './bounds.js';
import type { StagedChange } from './change.js';
import type { CopyRows } from './copy-rows.js';
import { addStagedHead, type StagedHead } from './copy-row.js';
import { syncOf } from './parse-change.js';
import { judgePlainObject, judgePlainRelationships } from './plain-json.js';
import { ifPlain, notPlain, tagOf, Wire } from './wire.js';

/**
 * Adds the row of a record as our mapper writes it, the same that `addChangeRow` makes of `parseChange` but for the order of keys in JSON, many times
 * faster: the content is never built, its bytes are passed on. Adds nothing, and says undefined, for everything that is not plain: an ending, a
 * cause, a violation of the contract, text that JSON escapes or that Postgres cannot store.
 */
export function addPlainRow(
  rows: CopyRows,
  index: number,
  head: StagedHead,
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
const bytes7 = tagOf(7, 'bytes');
const bytes8 = tagOf(8, 'bytes');
const bytes13 = tagOf(13, 'bytes');

// What stands between the texts of a record, as bytes: in the order in which `jsonb` keeps the fields, so that Postgres need not sort them.
const quote = Buffer.from('"');
const betweenTexts = Buffer.from('","');
const closeBrace = Buffer.from('}');
const jsonNull = Buffer.from('null');
const beforeType = Buffer.from('{"type":"');
const beforeJsonClasses = Buffer.from('","classes":[');
const beforeAccountId = Buffer.from('],"accountId":');
const beforeAccountIdOfSome = Buffer.from('"],"accountId":');
const beforeProperties = Buffer.from(',"properties":');
const beforeDisplayName = Buffer.from(',"displayName":"');
const beforeRelationships = Buffer.from('","relationships":');
const beforeOnlyRelationships = Buffer.from('{"relationships":');

/** The row of a record has at most so many bytes for each of its own: empty classes grow the most. */
const greatestGrowth = 4;
const longestHead = 4096;
/** From the key to the account. */
const entityColumns = 5;

function addRow(
  rows: CopyRows,
  index: number,
  head: StagedHead,
  value: Buffer,
  { isStateText }: { isStateText: boolean },
): StagedChange {
  const wire = new Wire(value);
  let observedAtMs: number | undefined;
  let baseline = false;
  let foundBy: string | null = null;
  let content = 0;
  let contentEnd = 0;
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
      case bytes8: {
        if (foundBy !== null) throw notPlain;
        const start = wire.skipBytes();
        foundBy = syncJson(value.subarray(start, wire.at));
        break;
      }
      case bytes13:
        if (contentEnd > 0) throw notPlain;
        content = wire.skipBytes();
        contentEnd = wire.at;
        break;
      default:
        throw notPlain;
    }
  }
  if (contentEnd === 0) throw notPlain;
  const observedAt = observedAtMs ?? Number(head.version / 1000n);
  addStagedHead(rows, index, head, { baseline, cause: null, foundBy, observedAt, reason: null, explainedVersion: null });
  wire.goTo(content, contentEnd);
  return { entityKey: addSubjectState(rows, wire, isStateText), receivedAt: undefined };
}

/** The columns of the entity, and the state as the history keeps it (`StoredState`). Returns the entity's key. */
function addSubjectState(rows: CopyRows, wire: Wire, isStateText: boolean): string | null {
  const { buffer } = wire;
  let key = 0;
  let keyEnd = 0;
  let type = 0;
  let typeEnd = 0;
  let name = 0;
  let nameEnd = 0;
  let account = 0;
  let accountEnd = 0;
  let properties = 0;
  let propertiesEnd = 0;
  let relationships = 0;
  let relationshipsEnd = 0;
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
        properties = wire.skipBytes();
        propertiesEnd = wire.at;
        break;
      case bytes7:
        relationships = wire.skipBytes();
        relationshipsEnd = wire.at;
        break;
      default:
        throw notPlain;
    }
  }
  judgePlainRelationships(buffer, relationships, relationshipsEnd);
  const ownsEntity = propertiesEnd > properties;
  let state: number;
  if (ownsEntity) {
    judgePlainObject(buffer, properties, propertiesEnd);
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

    state = isStateText ? rows.openField() : rows.openJsonb();
    rows.part(beforeType);
    rows.part(buffer, type, typeEnd);
    rows.part(beforeJsonClasses);
    for (let at = 0; at < classes.length; at += 2) {
      rows.part(at === 0 ? quote : betweenTexts);
      rows.part(buffer, classes[at] ?? 0, classes[at + 1] ?? 0);
    }
    rows.part(classes.length === 0 ? beforeAccountId : beforeAccountIdOfSome);
    if (hasAccount) {
      rows.part(quote);
      rows.part(buffer, account, accountEnd);
      rows.part(quote);
    } else rows.part(jsonNull);
    rows.part(beforeProperties);
    rows.longPart(buffer, properties, propertiesEnd);
    rows.part(beforeDisplayName);
    rows.part(buffer, name, nameEnd);
    rows.part(beforeRelationships);
  } else {
    if (keyEnd > key || typeEnd > type || nameEnd > name || accountEnd > account || classes.length > 0) throw notPlain;
    for (let column = 1; column <= entityColumns; column += 1) rows.nothing();
    state = isStateText ? rows.openField() : rows.openJsonb();
    rows.part(beforeOnlyRelationships);
  }
  rows.longPart(buffer, relationships, relationshipsEnd);
  rows.part(closeBrace);
  rows.closeField(state);
  return ownsEntity ? buffer.toString('latin1', key, keyEnd) : null;
}

/** Of the year 9999: rounded up, its end would be in the next. */
const lastSecond = 253_402_300_799;

/** Milliseconds since the epoch, of a time between 1970 and the year 9999. */
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
  if (!(seconds < lastSecond && nanos < 1_000_000_000)) throw notPlain;
  return seconds * 1000 + Math.round(nanos / 1_000_000);
}

let lastSync = { bytes: Buffer.alloc(0), json: '' };

/** One sync finds many things. */
function syncJson(bytes: Buffer): string {
  if (lastSync.json !== '' && bytes.equals(lastSync.bytes)) return lastSync.json;
  // A copy: what is kept must not keep the whole batch.
  lastSync = { bytes: Buffer.from(bytes), json: syncJsonOf(bytes) };
  return lastSync.json;
}

function syncJsonOf(bytes: Buffer): string {
  try {
    return JSON.stringify(syncOf(fromBinary(observation.SyncSchema, bytes)));
  } catch {
    throw notPlain;
  }
}
