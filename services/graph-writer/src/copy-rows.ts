import { isUtf8 } from 'node:buffer';
import { notPlain } from './wire.js';

/** What stands before the rows of COPY's binary format, and behind them: https://www.postgresql.org/docs/18/sql-copy.html. */
export const copyHeader = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
export const copyTrailer = Buffer.from([0xff, 0xff]);

const textOid = 25;
/** Times are counted from 2000-01-01. */
const postgresEpochMs = Date.UTC(2000, 0, 1);

/**
 * Rows of COPY's binary format, as bytes, in one buffer that grows where `makeRoom` is called, and only there: looking at each of the many small parts
 * whether there is room for it costs as much as writing it. Postgres reads this format for a third less than that of text.
 */
export class CopyRows {
  bytes = Buffer.allocUnsafe(64 * 1024);
  length = 0;

  /** The bytes so far. Valid until something is added. Throws where there was no room for them. */
  written(): Buffer {
    if (this.length > this.bytes.length) throw new RangeError('More was added than there was room for.');
    return this.bytes.subarray(0, this.length);
  }

  /** For so many bytes more. */
  makeRoom(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.length + size));
    this.written().copy(larger);
    this.bytes = larger;
  }

  // Whole fields. Those of text make room for it; the others, and these for their lengths, have the room of the row.

  /** So many fields follow. Makes room for all but their texts. */
  row(fields: number): void {
    this.makeRoom(2 + fields * 12);
    this.length = this.bytes.writeInt16BE(fields, this.length);
  }

  nothing(): void {
    this.int32(-1);
  }

  integer(value: number): void {
    this.int32(4);
    this.int32(value);
  }

  bigint(value: bigint): void {
    this.int32(8);
    // As all versions are, and without objects for its parts.
    const number = Number(value);
    if (Number.isSafeInteger(number)) this.int64(number);
    else this.length = this.bytes.writeBigInt64BE(value, this.length);
  }

  /** A time with its zone: milliseconds since 1970, from the year 1 to 9999. */
  timestamp(milliseconds: number): void {
    const microseconds = (milliseconds - postgresEpochMs) * 1000;
    if (Number.isSafeInteger(microseconds)) {
      this.int32(8);
      this.int64(microseconds);
    } else this.bigint(BigInt(milliseconds - postgresEpochMs) * 1000n);
  }

  boolean(value: boolean): void {
    this.int32(1);
    this.byte(value ? 1 : 0);
  }

  text(text: string | null | undefined): void {
    if (text === null || text === undefined) {
      this.nothing();
      return;
    }
    this.makeRoom(4 + text.length * 3);
    const start = this.openField();
    this.length += this.bytes.write(text, this.length);
    this.closeField(start);
  }

  /** JSON as text, for a column of type jsonb. */
  jsonb(text: string | null): void {
    if (text === null) {
      this.nothing();
      return;
    }
    this.makeRoom(5 + text.length * 3);
    const start = this.openJsonb();
    this.length += this.bytes.write(text, this.length);
    this.closeField(start);
  }

  texts(texts: readonly string[] | undefined): void {
    if (texts === undefined) {
      this.nothing();
      return;
    }
    this.makeRoom(arrayHeadBytes);
    const start = this.openArray(texts.length);
    for (const text of texts) this.text(text);
    this.closeField(start);
  }

  // Fields in parts, into the room that was made.

  /** Returns what `closeField` needs. What comes until then is the field. */
  openField(): number {
    this.length += 4;
    return this.length;
  }

  openJsonb(): number {
    const start = this.openField();
    this.byte(jsonbVersion);
    return start;
  }

  /** An array of so many texts: fields they are. */
  openArray(count: number): number {
    const start = this.openField();
    this.int32(count === 0 ? 0 : 1);
    this.int32(0);
    this.int32(textOid);
    if (count > 0) {
      this.int32(count);
      this.int32(1);
    }
    return start;
  }

  closeField(start: number): void {
    // Behind the end nothing is written; the row is taken back then.
    if (this.length <= this.bytes.length) this.bytes.writeInt32BE(this.length - start, start - 4);
  }

  int64(value: number): void {
    this.int32(Math.floor(value / 2 ** 32));
    this.int32(value % 2 ** 32);
  }

  int32(value: number): void {
    const { bytes, length } = this;
    bytes[length] = value >> 24;
    bytes[length + 1] = value >> 16;
    bytes[length + 2] = value >> 8;
    bytes[length + 3] = value;
    this.length = length + 4;
  }

  byte(value: number): void {
    this.bytes[this.length] = value;
    this.length += 1;
  }

  /** A part of a buffer as it is. */
  part(buffer: Uint8Array, start = 0, end = buffer.length): void {
    const { bytes } = this;
    let to = this.length;
    for (let at = start; at < end; at += 1, to += 1) bytes[to] = buffer[at] ?? 0;
    this.length = to;
  }

  /** The same for many bytes: quicker only then. */
  longPart(buffer: Buffer, start: number, end: number): void {
    buffer.copy(this.bytes, this.length, start, end);
    this.length += end - start;
  }

  /** A part of a buffer that is text which stays as it is in JSON. Throws `notPlain` for a character that is escaped, and for bytes that are no text. Returns whether it is ASCII only. */
  plainText(buffer: Buffer, start: number, end: number): boolean {
    const { bytes } = this;
    let to = this.length;
    let isAscii = true;
    for (let at = start; at < end; at += 1, to += 1) {
      const byte = buffer[at] ?? 0;
      if (byte < 0x20 || byte === 0x22 || byte === 0x5c || byte === 0x7f) throw notPlain;
      if (byte >= 0x80) isAscii = false;
      bytes[to] = byte;
    }
    if (!isAscii && !isUtf8(buffer.subarray(start, end))) throw notPlain;
    this.length = to;
    return isAscii;
  }
}

/** Of those that are written in order, and need no room just now. */
const spare: CopyRows[] = [];
const mostSpare = 4;
const largestSpare = 8 * 1024 * 1024;

/** Lends rows to work that has no more use for their bytes when it resolves. To make so much room anew for each batch costs as much as to fill it. */
export async function withCopyRows<T>(work: (rows: CopyRows) => Promise<T>): Promise<T> {
  const rows = spare.pop() ?? new CopyRows();
  const result = await work(rows);
  // After a failure somebody may still read them.
  rows.length = 0;
  if (spare.length < mostSpare && rows.bytes.length <= largestSpare) spare.push(rows);
  return result;
}

const jsonbVersion = 1;
const arrayHeadBytes = 24;
