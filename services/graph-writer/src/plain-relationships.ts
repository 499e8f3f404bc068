import { longestKey, longestName } from './bounds.js';
import type { CopyRows } from './copy-rows.js';
import { addStruct, addText } from './plain-json.js';
import { notPlain, tagOf, type Wire } from './wire.js';

const bytes1 = tagOf(1, 'bytes');
const bytes2 = tagOf(2, 'bytes');
const bytes6 = tagOf(6, 'bytes');

/** They have to be in the order of their keys, each once: as our mapper writes them, and as they are kept. */
export function addRelationships(rows: CopyRows, wire: Wire): void {
  let before: KeyPlace | undefined;
  while (wire.hasMore) {
    const tag = wire.varint();
    if (tag !== bytes2) {
      wire.skip(tag);
      continue;
    }
    if (before) rows.byte(comma);
    const place = addRelationship(rows, wire);
    if (before && rows.bytes.compare(rows.bytes, place.start, place.end, before.start, before.end) >= 0) throw notPlain;
    before = place;
  }
}

/** Where the key of a relationship stands among the rows. */
interface KeyPlace {
  start: number;
  end: number;
}

// Names in JSON of the fields of a relationship, by their number.
const relationshipNames = [undefined, '"key":', '"type":', '"class":', '"fromKey":', '"toKey":'].map(
  (name) => name && Buffer.from(name),
);
const allNamed = 0b111110;
const propertiesName = Buffer.from('"properties":');

function addRelationship(rows: CopyRows, wire: Wire): KeyPlace {
  const outer = wire.enter();
  const place = { start: 0, end: 0 };
  rows.byte(openBrace);
  let named = 0;
  let [properties, propertiesEnd] = [0, 0];
  while (wire.hasMore) {
    const tag = wire.varint();
    if (tag === bytes6) {
      if (propertiesEnd > 0) throw notPlain;
      properties = wire.skipBytes();
      propertiesEnd = wire.at;
      continue;
    }
    const field = tag >> 3;
    const name = (tag & 7) === (bytes1 & 7) ? relationshipNames[field] : undefined;
    if (!name || named & (1 << field)) throw notPlain;
    named |= 1 << field;
    const start = wire.skipBytes();
    if (start === wire.at || wire.at - start > (field === 2 || field === 3 ? longestName : longestKey)) throw notPlain;
    rows.part(name);
    if (field === 1) place.start = rows.length + 1;
    const isAscii = addText(rows, wire.buffer, start, wire.at);
    // Keys are compared as bytes, which is how JavaScript compares text only where that is ASCII.
    if (field === 1 && !isAscii) throw notPlain;
    if (field === 1) place.end = rows.length - 1;
    rows.byte(comma);
  }
  // An empty one is not on the wire.
  if (named !== allNamed) throw notPlain;
  rows.part(propertiesName);
  const { end } = wire;
  wire.goTo(properties, propertiesEnd);
  addStruct(rows, wire);
  rows.byte(closeBrace);
  wire.goTo(end, outer);
  return place;
}

const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
