/** A JSON string with its quotes. */
export type JsonText = string;

/** Reads protobuf's wire format from a part of a buffer. Nothing is judged here: what does not fit reads as NaN or undefined. */
export class Wire {
  constructor(
    private readonly buffer: Buffer,
    private at: number,
    private readonly end: number,
  ) {}

  get hasMore(): boolean {
    return this.at < this.end;
  }

  /** NaN where none ends within eight bytes, or where it is larger than what a number holds. */
  varint(): number {
    let result = 0;
    for (let factor = 1; factor < 2 ** 56 && this.at < this.end; factor *= 128) {
      const byte = this.buffer[this.at] ?? 0;
      this.at += 1;
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result <= Number.MAX_SAFE_INTEGER ? result : Number.NaN;
    }
    return Number.NaN;
  }

  double(): number {
    if (this.at + 8 > this.end) return Number.NaN;
    const value = this.buffer.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  /** What follows, with its length before it. */
  message(): Wire | undefined {
    const length = this.varint();
    const start = this.at;
    if (!(start + length <= this.end)) return undefined;
    this.at = start + length;
    return new Wire(this.buffer, start, this.at);
  }

  /** The bytes of what follows, with its length before it. */
  bytes(): Buffer | undefined {
    const length = this.varint();
    const start = this.at;
    if (!(start + length <= this.end)) return undefined;
    this.at = start + length;
    return this.buffer.subarray(start, this.at);
  }

  /** Passes over the value of a field. To the end where it does not fit. */
  skip(tag: number): void {
    if (tag % 8 === 0) this.varint();
    else if (tag % 8 !== 2 || this.bytes() === undefined) this.at = this.end;
  }

  /** Undefined for characters that JSON escapes or Postgres may refuse: anything but printable ASCII is looked at more closely. */
  plainJsonText(longest: number): JsonText | undefined {
    const length = this.varint();
    const start = this.at;
    if (!(length <= longest && start + length <= this.end)) return undefined;
    this.at = start + length;
    for (let index = start; index < this.at; index += 1) {
      const byte = this.buffer[index] ?? 0;
      if (byte < 0x20 || byte > 0x7e || byte === 0x22 || byte === 0x5c) return undefined;
    }
    return `"${this.buffer.toString('latin1', start, this.at)}"`;
  }
}
