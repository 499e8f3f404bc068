import type { CopyRows } from './copy-rows.js';
import { notPlain, tagOf, type Wire } from './wire.js';

// google.protobuf.Struct and its kin, from the wire into JSON. Everything goes into the room that was made.

// Tags on the wire, by wire type and number of the field.
const number1 = tagOf(1, 'number');
const number4 = tagOf(4, 'number');
const double2 = tagOf(2, 'double');
const bytes1 = tagOf(1, 'bytes');
const bytes2 = tagOf(2, 'bytes');
const bytes3 = tagOf(3, 'bytes');
const bytes5 = tagOf(5, 'bytes');
const bytes6 = tagOf(6, 'bytes');

const jsonNull = Buffer.from('null');
const jsonTrue = Buffer.from('true');
const jsonFalse = Buffer.from('false');

/** Of values in values. A record can hold thousands. */
const deepest = 16;

/** Texts in quotes, with commas: as JSON has them in its arrays, and Postgres in its own. */
export function addTexts(rows: CopyRows, buffer: Buffer, ranges: readonly number[]): void {
  for (let at = 0; at < ranges.length; at += 2) {
    if (at > 0) rows.byte(comma);
    addText(rows, buffer, ranges[at] ?? 0, ranges[at + 1] ?? 0);
  }
}

/** Whether it is ASCII only. */
export function addText(rows: CopyRows, buffer: Buffer, start: number, end: number): boolean {
  rows.byte(quote);
  const isAscii = rows.plainText(buffer, start, end);
  rows.byte(quote);
  return isAscii;
}

/** The fields of a `Struct` that the wire has to its end. */
export function addStruct(rows: CopyRows, wire: Wire, depth = 0): void {
  if (depth > deepest) throw notPlain;
  rows.byte(openBrace);
  let isFirst = true;
  while (wire.hasMore) {
    if (wire.varint() !== bytes1) throw notPlain;
    if (!isFirst) rows.byte(comma);
    isFirst = false;
    addEntry(rows, wire, depth);
  }
  rows.byte(closeBrace);
}

function addEntry(rows: CopyRows, wire: Wire, depth: number): void {
  const outer = wire.enter();
  let [key, keyEnd] = [0, 0];
  let [value, valueEnd] = [0, 0];
  while (wire.hasMore) {
    const tag = wire.varint();
    if (tag === bytes1) {
      key = wire.skipBytes();
      keyEnd = wire.at;
    } else if (tag === bytes2) {
      if (valueEnd > 0) throw notPlain;
      value = wire.skipBytes();
      valueEnd = wire.at;
    } else throw notPlain;
  }
  const { end } = wire;
  addText(rows, wire.buffer, key, keyEnd);
  rows.byte(colon);
  if (valueEnd === 0) throw notPlain;
  wire.goTo(value, valueEnd);
  addValue(rows, wire, depth);
  wire.goTo(end, outer);
}

/** The one value that the wire has to its end. */
function addValue(rows: CopyRows, wire: Wire, depth: number): void {
  switch (wire.varint()) {
    case number1:
      wire.varint();
      rows.part(jsonNull);
      break;
    case double2: {
      const value = wire.double();
      if (!Number.isFinite(value)) throw notPlain;
      // JSON has no negative zero.
      rows.part(Buffer.from(value === 0 ? '0' : String(value)));
      break;
    }
    case bytes3: {
      const start = wire.skipBytes();
      addText(rows, wire.buffer, start, wire.at);
      break;
    }
    case number4:
      rows.part(wire.varint() === 1 ? jsonTrue : jsonFalse);
      break;
    case bytes5: {
      const outer = wire.enter();
      addStruct(rows, wire, depth + 1);
      wire.leave(outer);
      break;
    }
    case bytes6: {
      const outer = wire.enter();
      addList(rows, wire, depth + 1);
      wire.leave(outer);
      break;
    }
    default:
      throw notPlain;
  }
  // A second one would count instead.
  if (wire.hasMore) throw notPlain;
}

function addList(rows: CopyRows, wire: Wire, depth: number): void {
  if (depth > deepest) throw notPlain;
  rows.byte(openBracket);
  let isFirst = true;
  while (wire.hasMore) {
    if (wire.varint() !== bytes1) throw notPlain;
    if (!isFirst) rows.byte(comma);
    isFirst = false;
    const outer = wire.enter();
    addValue(rows, wire, depth);
    wire.leave(outer);
  }
  rows.byte(closeBracket);
}

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
