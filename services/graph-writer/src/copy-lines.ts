import { isUtf8 } from 'node:buffer';
import { notPlain } from './wire.js';

/**
 * Lines of COPY's text format, as bytes, in one buffer that grows where `makeRoom` is called, and only there: looking at each of the many small parts
 * whether there is room for it costs as much as writing it.
 */
export class CopyLines {
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

  /** Any text as it is, without what COPY escapes. Makes room for it. */
  text(text: string): void {
    this.makeRoom(text.length * 3);
    this.length += this.bytes.write(text, this.length);
  }

  /** Into the room that was made. */
  byte(value: number): void {
    this.bytes[this.length] = value;
    this.length += 1;
  }

  /** A part of a buffer as it is, into the room that was made. */
  part(buffer: Uint8Array, start = 0, end = buffer.length): void {
    const { bytes } = this;
    let to = this.length;
    for (let at = start; at < end; at += 1, to += 1) bytes[to] = buffer[at] ?? 0;
    this.length = to;
  }

  /**
   * A part of a buffer that is text which stays as it is in JSON and for COPY, into the room that was made. Throws `notPlain` for a character that is
   * escaped, and for bytes that are no text. Returns whether it is ASCII only.
   */
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
