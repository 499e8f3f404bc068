import { isUtf8 } from 'node:buffer';
import { longestKey, longestName } from './bounds.js';
import { notPlain } from './wire.js';

// JSON text that stays as it is on its way from the bus to Postgres: it is looked at, never built. Everything is on one level and without escapes, and nothing
// stands behind its end.

/** Throws `notPlain` unless these bytes are one object of texts, numbers, truths and lists of texts. */
export function judgePlainObject(buffer: Buffer, start: number, end: number): void {
  const json = new PlainJson(buffer, start, end);
  json.object();
  json.finish();
}

/**
 * Throws `notPlain` unless these bytes are an array of relationships as they are kept (`storedRelationship`), in the order of their keys, each once. Nothing is
 * made of them: they are half of a record.
 */
export function judgePlainRelationships(buffer: Buffer, start: number, end: number): void {
  const json = new PlainJson(buffer, start, end);
  json.pass(openArray);
  if (!json.passIf(closeArray)) {
    let before = 0;
    let beforeEnd = 0;
    do {
      json.pass(beforeType);
      json.ascii(longestName);
      json.pass(beforeClass);
      json.className();
      json.pass(beforeToKey);
      json.ascii(longestKey);
      json.pass(beforeFromKey);
      let key = json.ascii(longestKey);
      let keyEnd = json.textEnd;
      if (json.passIf(beforeKey)) {
        key = json.ascii(longestKey);
        keyEnd = json.textEnd;
      }
      if (json.passIf(beforeProperties)) json.object();
      json.pass(closeObject);
      if (beforeEnd > 0) judgeOrder(buffer, before, beforeEnd, key, keyEnd);
      before = key;
      beforeEnd = keyEnd;
    } while (json.passIf(comma));
    json.pass(closeArray);
  }
  json.finish();
}

/** Of keys, or of what they begin with. Where one begins with the other, that says nothing. */
function judgeOrder(buffer: Buffer, left: number, leftEnd: number, right: number, rightEnd: number): void {
  const most = Math.min(leftEnd - left, rightEnd - right);
  let same = 0;
  while (same < most && buffer[left + same] === buffer[right + same]) same += 1;
  if (same === most || (buffer[left + same] ?? 0) > (buffer[right + same] ?? 0)) throw notPlain;
}

/** Goes through JSON text in a buffer. Throws `notPlain` for what does not stand where it is asked for. */
class PlainJson {
  /** Where the last text ended, before its quote. */
  textEnd = 0;
  private at: number;
  private isAscii = true;

  constructor(
    private readonly buffer: Buffer,
    private readonly start: number,
    private readonly end: number,
  ) {
    this.at = start;
  }

  passIf(literal: Uint8Array): boolean {
    const { buffer, at } = this;
    if (at + literal.length > this.end) return false;
    for (let place = 0; place < literal.length; place += 1) if (buffer[at + place] !== literal[place]) return false;
    this.at = at + literal.length;
    return true;
  }

  pass(literal: Uint8Array): void {
    if (!this.passIf(literal)) throw notPlain;
  }

  /** Printable ASCII up to its quote, neither empty nor longer. Returns where it begins. */
  ascii(longest: number): number {
    const start = this.text();
    for (let at = start; at < this.textEnd; at += 1) if ((this.buffer[at] ?? 0) > 0x7e) throw notPlain;
    if (this.textEnd === start || this.textEnd - start > longest) throw notPlain;
    return start;
  }

  /** Capitals and underscores: their lower case is the same for everybody. */
  className(): void {
    for (let at = this.ascii(longestName); at < this.textEnd; at += 1) {
      const byte = this.buffer[at] ?? 0;
      if ((byte < capitalA || byte > capitalZ) && byte !== underscore) throw notPlain;
    }
  }

  /** Any text up to its quote. Returns where it begins. */
  text(): number {
    const { buffer, end, at: start } = this;
    for (let at = start; at < end; at += 1) {
      const byte = buffer[at] ?? 0;
      if (byte === quote) {
        this.textEnd = at;
        this.at = at + 1;
        return start;
      }
      if (byte < 0x20 || byte === backslash || byte === 0x7f) throw notPlain;
      if (byte >= 0x80) this.isAscii = false;
    }
    throw notPlain;
  }

  object(): void {
    this.pass(openObject);
    if (this.passIf(closeObject)) return;
    do {
      this.pass(openText);
      this.text();
      this.pass(colon);
      this.value();
    } while (this.passIf(comma));
    this.pass(closeObject);
  }

  private value(): void {
    if (this.passIf(openText)) this.text();
    else if (this.passIf(openArray)) this.texts();
    else if (!this.passIf(jsonTrue) && !this.passIf(jsonFalse) && !this.passIf(jsonNull)) this.number();
  }

  private texts(): void {
    if (this.passIf(closeArray)) return;
    do {
      this.pass(openText);
      this.text();
    } while (this.passIf(comma));
    this.pass(closeArray);
  }

  /** A whole number or a fraction without an exponent. Longer ones may be none that is finite, and a negative zero is none for JSON. */
  private number(): void {
    const isNegative = this.passIf(minus);
    const isZero = this.passIf(zero);
    if (isZero ? isNegative : this.digits() === 0) throw notPlain;
    if (this.passIf(point) && this.digits() === 0) throw notPlain;
  }

  private digits(): number {
    const start = this.at;
    for (; this.at < this.end; this.at += 1) {
      const byte = this.buffer[this.at] ?? 0;
      if (byte < digit0 || byte > digit9) break;
    }
    if (this.at - start > mostDigits) throw notPlain;
    return this.at - start;
  }

  /** Throws unless this is the end, and everything was text. */
  finish(): void {
    if (this.at !== this.end) throw notPlain;
    if (!this.isAscii && !isUtf8(this.buffer.subarray(this.start, this.end))) throw notPlain;
  }
}

const mostDigits = 17;

const beforeType = Buffer.from('{"type":"');
const beforeClass = Buffer.from(',"class":"');
const beforeFromKey = Buffer.from(',"fromKey":"');
const beforeToKey = Buffer.from(',"toKey":"');
const beforeKey = Buffer.from(',"key":"');
const beforeProperties = Buffer.from(',"properties":');
const openObject = Buffer.from('{');
const closeObject = Buffer.from('}');
const openArray = Buffer.from('[');
const closeArray = Buffer.from(']');
const openText = Buffer.from('"');
const colon = Buffer.from(':');
const comma = Buffer.from(',');
const minus = Buffer.from('-');
const point = Buffer.from('.');
const zero = Buffer.from('0');
const jsonTrue = Buffer.from('true');
const jsonFalse = Buffer.from('false');
const jsonNull = Buffer.from('null');

const quote = 0x22;
const backslash = 0x5c;
const underscore = 0x5f;
const capitalA = 0x41;
const capitalZ = 0x5a;
const digit0 = 0x30;
const digit9 = 0x39;
