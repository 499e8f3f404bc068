import { longestKey, longestName } from './bounds.js';
import type { CopyRows } from './copy-rows.js';
import { addStruct, addText } from './plain-json.js';
import { notPlain, tagOf, type Wire } from './wire.js';

const bytes1 = tagOf(1, 'bytes');
const bytes2 = tagOf(2, 'bytes');
const bytes6 = tagOf(6, 'bytes');

/** They have to be in the order of their keys, each once: as our mapper writes them, and as they are kept (`storedRelationship`). */
export function addRelationships(rows: CopyRows, wire: Wire): void {
  let before: Place | undefined;
  while (wire.hasMore) {
    const tag = wire.varint();
    if (tag !== bytes2) {
      wire.skip(tag);
      continue;
    }
    if (before) rows.byte(comma);
    const { key } = addRelationship(rows, wire);
    if (before && compare(wire.buffer, key, before) <= 0) throw notPlain;
    before = key;
  }
}

/** Where something stands on the wire. */
interface Place {
  start: number;
  end: number;
}

const compare = (buffer: Buffer, left: Place, right: Place): number =>
  buffer.compare(buffer, right.start, right.end, left.start, left.end);

interface Relationship {
  key: Place;
  type: Place;
  class: Place;
  fromKey: Place;
  toKey: Place;
  /** Absent where it has none. */
  properties: Place | undefined;
}

function addRelationship(rows: CopyRows, wire: Wire): Relationship {
  const outer = wire.enter();
  const relationship = readRelationship(wire);
  const { end, buffer } = wire;
  rows.part(beforeType);
  addText(rows, buffer, relationship.type.start, relationship.type.end);
  rows.part(beforeClass);
  addText(rows, buffer, relationship.class.start, relationship.class.end);
  rows.part(beforeFromKey);
  // Keys are compared as bytes, which is how JavaScript compares text only where that is ASCII.
  if (!addText(rows, buffer, relationship.fromKey.start, relationship.fromKey.end)) throw notPlain;
  rows.part(beforeToKey);
  if (!addText(rows, buffer, relationship.toKey.start, relationship.toKey.end)) throw notPlain;
  if (!isKeyImplied(buffer, relationship)) {
    rows.part(beforeKey);
    if (!addText(rows, buffer, relationship.key.start, relationship.key.end)) throw notPlain;
  }
  if (relationship.properties) {
    rows.part(beforeProperties);
    wire.goTo(relationship.properties.start, relationship.properties.end);
    addStruct(rows, wire);
  }
  rows.byte(closeBrace);
  wire.goTo(end, outer);
  return relationship;
}

function readRelationship(wire: Wire): Relationship {
  const fields: (Place | undefined)[] = [];
  while (wire.hasMore) {
    const tag = wire.varint();
    const field = tag >> 3;
    if (tag < bytes1 || tag > bytes6 || tagOf(field, 'bytes') !== tag || fields[field]) throw notPlain;
    const start = wire.skipBytes();
    if (wire.at > start) fields[field] = { start, end: wire.at };
    // An empty text is not on the wire, and a property in two messages would be one.
    else if (tag !== bytes6) throw notPlain;
  }
  const [, key, type, of, fromKey, toKey, properties] = fields;
  if (!key || !type || !of || !fromKey || !toKey) throw notPlain;
  for (const name of [type, of]) if (name.end - name.start > longestName) throw notPlain;
  for (const long of [key, fromKey, toKey]) if (long.end - long.start > longestKey) throw notPlain;
  return { key, type, class: of, fromKey, toKey, properties };
}

/** Whether the key says nothing that the others do not: `<from key>|<class in lower case>|<to key>`. */
function isKeyImplied(buffer: Buffer, { key, class: of, fromKey, toKey }: Relationship): boolean {
  const beforeName = key.start + fromKey.end - fromKey.start;
  const behindName = beforeName + 1 + of.end - of.start;
  if (key.end - behindName - 1 !== toKey.end - toKey.start || buffer[beforeName] !== pipe || buffer[behindName] !== pipe)
    return false;
  for (let at = of.start, to = beforeName + 1; at < of.end; at += 1, to += 1) {
    const letter = buffer[at] ?? 0;
    const isCapital = letter >= capitalA && letter <= capitalZ;
    if (!isCapital && letter !== underscore) return false;
    if (buffer[to] !== (isCapital ? letter | 0x20 : letter)) return false;
  }
  return (
    compare(buffer, { start: key.start, end: beforeName }, fromKey) === 0 &&
    compare(buffer, { start: behindName + 1, end: key.end }, toKey) === 0
  );
}

const beforeType = Buffer.from('{"type":');
const beforeClass = Buffer.from(',"class":');
const beforeFromKey = Buffer.from(',"fromKey":');
const beforeToKey = Buffer.from(',"toKey":');
const beforeKey = Buffer.from(',"key":');
const beforeProperties = Buffer.from(',"properties":');
const comma = 0x2c;
const closeBrace = 0x7d;
const pipe = 0x7c;
const underscore = 0x5f;
const capitalA = 0x41;
const capitalZ = 0x5a;
