/** Thrown by everything that reads the wire the short way, for whatever it does not read: the long way judges that. Always the same one: it is cheap. */
class NotPlain extends Error {}
export const notPlain = new NotPlain();

/** What `work` makes, or undefined where something in it is not plain. */
export function ifPlain<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

const wireTypes = { number: 0, double: 1, bytes: 2 } as const;

/** What stands before a field on the wire. */
export const tagOf = (fieldNumber: number, wireType: keyof typeof wireTypes): number => fieldNumber * 8 + wireTypes[wireType];

/** Reads protobuf's wire format from a buffer, from `at` to `end`. Throws `notPlain` for everything that does not fit. */
export class Wire {
  at = 0;
  end: number;

  constructor(readonly buffer: Buffer) {
    this.end = buffer.length;
  }

  get hasMore(): boolean {
    return this.at < this.end;
  }

  /** Throws where none ends within eight bytes, or where it is larger than what a number holds. */
  varint(): number {
    // Nearly all are of one byte.
    const first = this.at < this.end ? (this.buffer[this.at] ?? 0) : 0x80;
    if (first < 0x80) {
      this.at += 1;
      return first;
    }
    let result = 0;
    for (let factor = 1; factor < 2 ** 56 && this.at < this.end; factor *= 128) {
      const byte = this.buffer[this.at] ?? 0;
      this.at += 1;
      result += (byte & 0x7f) * factor;
      if (byte >= 0x80) continue;
      if (result > Number.MAX_SAFE_INTEGER) break;
      return result;
    }
    throw notPlain;
  }

  double(): number {
    if (this.at + 8 > this.end) throw notPlain;
    const value = this.buffer.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  /** Goes into what follows, which has its length before it: from here on nothing is read behind its end. Returns the end of what it stands in, for `leave`. */
  enter(): number {
    const length = this.varint();
    const outer = this.end;
    if (this.at + length > outer) throw notPlain;
    this.end = this.at + length;
    return outer;
  }

  /** Reads from here to there next. */
  goTo(at: number, end: number): void {
    this.at = at;
    this.end = end;
  }

  /** Goes on behind what was entered. */
  leave(outer: number): void {
    this.at = this.end;
    this.end = outer;
  }

  /** Passes over what follows, with its length before it. Returns where it begins; it ends where the wire stands then. */
  skipBytes(): number {
    const length = this.varint();
    const start = this.at;
    if (start + length > this.end) throw notPlain;
    this.at = start + length;
    return start;
  }

  /** Passes over the value of a field. */
  skip(tag: number): void {
    if ((tag & 7) === wireTypes.number) this.varint();
    else if ((tag & 7) === wireTypes.bytes) this.skipBytes();
    else throw notPlain;
  }

  /**
   * Text of printable ASCII, without quotes and backslashes, that is neither empty nor longer than so many bytes. What was `expected`, and is such a text, is the
   * same string: nothing is made of it, and its hash is known already.
   */
  plainText(longest: number, expected = ''): string {
    const start = this.skipBytes();
    if (this.at - start === expected.length && expected !== '' && this.isThere(expected, start)) return expected;
    if (start === this.at || this.at - start > longest) throw notPlain;
    for (let at = start; at < this.at; at += 1) {
      const byte = this.buffer[at] ?? 0;
      if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) throw notPlain;
    }
    return this.buffer.toString('latin1', start, this.at);
  }

  private isThere(text: string, start: number): boolean {
    for (let at = 0; at < text.length; at += 1) if (this.buffer[start + at] !== text.charCodeAt(at)) return false;
    return true;
  }
}
