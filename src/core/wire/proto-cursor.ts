import { decodeUtf8 } from './utf8.ts';

/** The bytes of a whole message, and whether anything in it, however deep, was broken. */
interface Whole {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  bad: boolean;
}

/**
 * Reads protobuf from bytes that nobody vouches for. Nothing throws and nothing is allocated by a declared length: what does not fit makes
 * the whole message `bad`, after which every read gives nothing and `next` ends.
 */
export class ProtoCursor {
  /** Of the field that `next` went to: its number times 8, plus its wire type (0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes). */
  tag = 0;
  private at: number;
  private readonly end: number;
  private readonly whole: Whole;

  private constructor(whole: Whole, from: number, to: number) {
    this.whole = whole;
    this.at = from;
    this.end = to;
  }

  /** Over a whole message. */
  static over(bytes: Uint8Array): ProtoCursor {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new ProtoCursor({ bytes, view, bad: false }, 0, bytes.length);
  }

  /** Over the message at `bytes[from, to)`. */
  static within(bytes: Uint8Array, from: number, to: number): ProtoCursor {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return new ProtoCursor({ bytes, view, bad: from > to || to > bytes.length }, from, to);
  }

  get bad(): boolean {
    return this.whole.bad;
  }

  set bad(bad: boolean) {
    this.whole.bad = bad;
  }

  get isAtEnd(): boolean {
    return this.bad || this.at >= this.end;
  }

  /** Goes to the next field; false at the end, and when the message is broken. */
  next(): boolean {
    if (this.isAtEnd) return false;
    this.tag = this.varint();
    if (this.tag < 8 || this.tag > 0xffffffff) this.bad = true;
    return !this.bad;
  }

  /** Passes over the value of the field. */
  skip(): void {
    const wire = this.tag % 8;
    if (wire === 0) this.varint();
    else if (wire === 1) this.move(8);
    else if (wire === 2) this.move(this.varint());
    else if (wire === 5) this.move(4);
    else this.bad = true;
  }

  /** An unsigned number; above 2^53 it is not exact. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 10; i += 1) {
      if (this.at >= this.end) break;
      const byte = this.whole.bytes[this.at] ?? 0;
      this.at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    this.bad = true;
    return 0;
  }

  /** A signed 64-bit number (`int64`); above 2^53 it is not exact. */
  int64(): number {
    const { at } = this;
    const value = this.varint();
    if (value < 2 ** 53) return value;
    this.at = at;
    return Number(this.bigInt64());
  }

  /** A signed 64-bit number, exact. */
  bigInt64(): bigint {
    let exact = 0n;
    for (let shift = 0n; shift < 70n && this.at < this.end; shift += 7n) {
      const byte = this.whole.bytes[this.at] ?? 0;
      this.at += 1;
      exact |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, exact);
    }
    this.bad = true;
    return 0n;
  }

  /** A zigzag number (`sint32`, `sint64`). */
  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  double(): number {
    return this.take(8) ? this.whole.view.getFloat64(this.at - 8, true) : 0;
  }

  /** The bits of a double: the low word and the high word, both without sign. */
  words(): readonly [low: number, high: number] {
    return this.take(8) ? [this.whole.view.getUint32(this.at - 8, true), this.whole.view.getUint32(this.at - 4, true)] : [0, 0];
  }

  /** The double whose bits `words` read. */
  lastDouble(): number {
    return this.bad ? 0 : this.whole.view.getFloat64(this.at - 8, true);
  }

  float(): number {
    return this.take(4) ? this.whole.view.getFloat32(this.at - 4, true) : 0;
  }

  bigFixed64(): bigint {
    return this.take(8) ? this.whole.view.getBigUint64(this.at - 8, true) : 0n;
  }

  /** `fixed64`, not exact above 2^53. */
  fixed64(): number {
    return this.take(8) ? this.whole.view.getUint32(this.at - 4, true) * 2 ** 32 + this.whole.view.getUint32(this.at - 8, true) : 0;
  }

  /** `sfixed64`, not exact above 2^53. */
  signedFixed64(): number {
    return this.take(8) ? this.whole.view.getInt32(this.at - 4, true) * 2 ** 32 + this.whole.view.getUint32(this.at - 8, true) : 0;
  }

  /** The message in the field. */
  message(): ProtoCursor {
    const [from, to] = this.range();
    return new ProtoCursor(this.whole, from, to);
  }

  /** The text in the field; what is no UTF-8 is bad. */
  text(): string {
    const [from, to] = this.range();
    const text = decodeUtf8(this.whole.bytes, from, to);
    if (text === null) this.bad = true;
    return text ?? '';
  }

  /** The bytes in the field: a view. */
  blob(): Uint8Array {
    const [from, to] = this.range();
    return this.whole.bytes.subarray(from, to);
  }

  /** The numbers of a packed field, each read by `read`; more than `most` are bad. */
  packed(into: number[], read: (cursor: ProtoCursor) => number, most: number): void {
    const inner = this.message();
    while (!inner.isAtEnd) {
      if (into.length >= most) this.bad = true;
      into.push(read(inner));
    }
  }

  private range(): readonly [number, number] {
    const length = this.varint();
    const from = this.at;
    this.move(length);
    return this.bad ? [from, from] : [from, this.at];
  }

  private take(count: number): boolean {
    this.move(count);
    return !this.bad;
  }

  private move(count: number): void {
    if (count > this.end - this.at) this.bad = true;
    else this.at += count;
  }
}
