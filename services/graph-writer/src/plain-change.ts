import type { EntityContent, IncomingChange } from './change.js';
import { Wire, type JsonText } from './wire.js';

/**
 * The same as `parseChange` for a record as our mapper writes it, several times faster: the content is never built, its bytes go into JSON as they
 * are read. Undefined for everything that is not plain, which `parseChange` then judges: an ending, a cause, a violation of the contract, text that
 * Postgres cannot store.
 */
export function plainChange(value: Buffer): IncomingChange | undefined {
  try {
    return graphChange(new Wire(value, 0, value.length));
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Thrown and caught here only: it leaves the nested reading at once. */
class NotPlain extends Error {}
const notPlain = new NotPlain();

function graphChange(wire: Wire): IncomingChange {
  let scope = '';
  let subject = '';
  let version = 0;
  let observedAtMs: number | undefined;
  let baseline = false;
  let content: IncomingChange['content'] | undefined;
  while (wire.hasMore) {
    switch (field(wire)) {
      case tagOf(1, bytes):
        scope = name(wire);
        break;
      case tagOf(2, bytes):
        subject = name(wire);
        break;
      case tagOf(3, number):
        version = wire.varint();
        break;
      case tagOf(4, bytes):
        observedAtMs = timestamp(message(wire));
        break;
      case tagOf(6, number):
        baseline = wire.varint() === 1;
        break;
      case tagOf(10, bytes):
        if (content !== undefined) throw notPlain;
        content = present(message(wire));
        break;
      default:
        throw notPlain;
    }
  }
  if (scope === '' || subject === '' || !(version > 0) || content === undefined) throw notPlain;
  const observedAt = new Date(observedAtMs ?? Math.floor(version / 1000));
  return { scope, subject, version: BigInt(version), observedAt, cause: null, baseline, content };
}

function present(wire: Wire): IncomingChange['content'] {
  let entity: EntityContent | null = null;
  const relationships: { key: string; json: string }[] = [];
  while (wire.hasMore) {
    switch (field(wire)) {
      case tagOf(1, bytes):
        if (entity !== null) throw notPlain;
        entity = entityOf(message(wire));
        break;
      case tagOf(2, bytes):
        relationships.push(relationshipOf(message(wire)));
        break;
      default:
        throw notPlain;
    }
  }
  relationships.sort((left, right) => (left.key < right.key ? -1 : 1));
  if (relationships.some(({ key }, index) => key === relationships[index + 1]?.key)) throw notPlain;
  return { case: 'present', entity, relationships: `[${relationships.map(({ json }) => json).join(',')}]` };
}

// As `parseChange` has them.
const longestKey = 2048;
const longestName = 256;
const shortestEntityKey = 10;

function entityOf(wire: Wire): EntityContent {
  let [key, type, displayName, accountId, properties] = ['', '', '', '', '{}'];
  const classes: string[] = [];
  while (wire.hasMore) {
    switch (field(wire)) {
      case tagOf(1, bytes):
        key = text(wire, longestKey);
        break;
      case tagOf(2, bytes):
        type = text(wire, longestName);
        break;
      case tagOf(3, bytes):
        classes.push(text(wire, longestName));
        break;
      case tagOf(4, bytes):
        displayName = text(wire, Infinity);
        break;
      case tagOf(5, bytes):
        accountId = text(wire, longestName);
        break;
      case tagOf(6, bytes):
        properties = struct(message(wire));
        break;
      default:
        throw notPlain;
    }
  }
  if (key.length < shortestEntityKey || type === '') throw notPlain;
  return { key, type, classes, displayName, accountId: accountId === '' ? null : accountId, properties };
}

const relationshipNames = ['', 'key', 'type', 'class', 'fromKey', 'toKey'] as const;

function relationshipOf(wire: Wire): { key: string; json: string } {
  let json = '{';
  let key = '';
  let properties = '{}';
  let found = 0;
  while (wire.hasMore) {
    const tag = field(wire);
    if (tag === tagOf(6, bytes)) {
      properties = struct(message(wire));
      continue;
    }
    const number = Math.floor(tag / 8);
    const named = tag % 8 === bytes ? relationshipNames[number] : undefined;
    if (!named) throw notPlain;
    const content = jsonText(wire, named === 'type' || named === 'class' ? longestName : longestKey);
    if (named === 'key') key = content;
    json += `"${named}":${content},`;
    found += 1;
  }
  // Each of the five once, and none empty: an empty one is not on the wire.
  if (found !== relationshipNames.length - 1 || key === '') throw notPlain;
  return { key, json: `${json}"properties":${properties}}` };
}

function struct(wire: Wire): string {
  let json = '';
  while (wire.hasMore) {
    if (field(wire) !== tagOf(1, bytes)) throw notPlain;
    const entry = message(wire);
    let key = '""';
    let value = 'null';
    while (entry.hasMore) {
      const tag = field(entry);
      if (tag === tagOf(1, bytes)) key = jsonText(entry, Infinity);
      else if (tag === tagOf(2, bytes)) value = jsonValue(message(entry));
      else throw notPlain;
    }
    json += json === '' ? `${key}:${value}` : `,${key}:${value}`;
  }
  return `{${json}}`;
}

function jsonValue(wire: Wire): string {
  let json: string | undefined;
  while (wire.hasMore) {
    if (json !== undefined) throw notPlain;
    switch (field(wire)) {
      case tagOf(1, number):
        wire.varint();
        json = 'null';
        break;
      case tagOf(2, double):
        json = jsonNumber(wire.double());
        break;
      case tagOf(3, bytes):
        json = jsonText(wire, Infinity);
        break;
      case tagOf(4, number):
        json = wire.varint() === 1 ? 'true' : 'false';
        break;
      case tagOf(5, bytes):
        json = struct(message(wire));
        break;
      case tagOf(6, bytes):
        json = list(message(wire));
        break;
      default:
        throw notPlain;
    }
  }
  if (json === undefined) throw notPlain;
  return json;
}

function list(wire: Wire): string {
  const values: string[] = [];
  while (wire.hasMore) {
    if (field(wire) !== tagOf(1, bytes)) throw notPlain;
    values.push(jsonValue(message(wire)));
  }
  return `[${values.join(',')}]`;
}

function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw notPlain;
  // JSON has no negative zero.
  return value === 0 ? '0' : String(value);
}

/** Milliseconds since the epoch, of a time that ISO text can say in four digits of the year. */
function timestamp(wire: Wire): number {
  let seconds = 0;
  let nanos = 0;
  while (wire.hasMore) {
    const tag = field(wire);
    if (tag === tagOf(1, number)) seconds = wire.varint();
    else if (tag === tagOf(2, number)) nanos = wire.varint();
    else throw notPlain;
  }
  if (!(seconds < 253_402_300_800 && nanos < 1_000_000_000)) throw notPlain;
  return seconds * 1000 + Math.round(nanos / 1_000_000);
}

// Wire types.
const number = 0;
const double = 1;
const bytes = 2;
const tagOf = (fieldNumber: number, wireType: number): number => fieldNumber * 8 + wireType;

function field(wire: Wire): number {
  const tag = wire.varint();
  if (Number.isNaN(tag)) throw notPlain;
  return tag;
}

function message(wire: Wire): Wire {
  const inner = wire.message();
  if (inner === undefined) throw notPlain;
  return inner;
}

function name(wire: Wire): string {
  return text(wire, longestName);
}

/** Text that stays as it is in JSON, without its quotes; all others are not plain. */
function text(wire: Wire, longest: number): string {
  return jsonText(wire, longest).slice(1, -1);
}

function jsonText(wire: Wire, longest: number): JsonText {
  const json = wire.plainJsonText(longest);
  if (json === undefined) throw notPlain;
  return json;
}
