import { STALE_HIGH, STALE_LOW } from './write-batch.ts';

/** Growing bytes with what protobuf messages are made of. What begins with `put` writes into room that was reserved before. */
export class ProtoOutput {
  private at = 0;
  private bytes: Uint8Array;
  private view: DataView;

  constructor(sizeBytes = 256) {
    this.bytes = new Uint8Array(sizeBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  /** How many bytes were written. */
  get size(): number {
    return this.at;
  }

  /** What was written; a view, until the next change. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  /** Forgets what was written behind the first `size` bytes. */
  clear(size = 0): void {
    this.at = size;
  }

  /** Makes room for so many bytes. */
  reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.at + more, this.bytes.length * 2));
    bytes.set(this.bytes.subarray(0, this.at));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  /** A whole number, also a negative one as `int64`; 0 is left out. */
  int(field: number, value: number): void {
    if (value === 0) return;
    this.varint(field * 8);
    this.varint(value);
  }

  double(field: number, value: number): void {
    this.varint(field * 8 + 1);
    this.rawDouble(value);
  }

  /** One of two fields: a whole number in the first, or a double in the second. It stands there even when it is 0. */
  number(wholeField: number, doubleField: number, whole: boolean, value: number): void {
    if (!whole) return this.double(doubleField, value);
    this.varint(wholeField * 8);
    this.varint(value);
  }

  bytesField(field: number, bytes: Uint8Array): void {
    this.reserve(bytes.length + 20);
    this.putVarint(field * 8 + 2);
    this.putVarint(bytes.length);
    this.putBytes(bytes);
  }

  message(field: number, fill: (inner: ProtoOutput) => void): void {
    const inner = new ProtoOutput();
    fill(inner);
    this.bytesField(field, inner.finish());
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.putBytes(bytes);
  }

  rawDouble(value: number): void {
    this.reserve(8);
    this.putDouble(value);
  }

  varint(value: number): void {
    this.reserve(10);
    this.putVarint(value);
  }

  putByte(value: number): void {
    this.bytes[this.at++] = value;
  }

  putBytes(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  putDouble(value: number): void {
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  /** A text shorter than 128, with its length in front; false when a character is not ASCII: what was written is then nothing. */
  putAscii(text: string): boolean {
    const { bytes } = this;
    const at = this.at + 1;
    bytes[at - 1] = text.length;
    let seen = 0;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      seen |= code;
      bytes[at + i] = code;
    }
    this.at = at + text.length;
    return seen < 0x80;
  }

  /** The staleness marker as a double. */
  putStale(): void {
    this.view.setUint32(this.at, STALE_LOW, true);
    this.view.setUint32(this.at + 4, STALE_HIGH, true);
    this.at += 8;
  }

  /** Up to ten bytes. */
  putVarint(value: number): void {
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest >= 128n; rest >>= 7n) this.bytes[this.at++] = Number(rest & 127n) | 0x80;
      this.bytes[this.at++] = Number(rest);
      return;
    }
    const { bytes } = this;
    let { at } = this;
    let large = value;
    // Four bytes at a time, as integers of 32 bits.
    for (; large >= FOUR; large = Math.floor(large / FOUR)) {
      const low = large % FOUR;
      bytes[at] = low | 0x80;
      bytes[at + 1] = (low >>> 7) | 0x80;
      bytes[at + 2] = (low >>> 14) | 0x80;
      bytes[at + 3] = (low >>> 21) | 0x80;
      at += 4;
    }
    let rest = large | 0;
    for (; rest >= 128; rest >>>= 7) bytes[at++] = rest | 0x80;
    bytes[at++] = rest;
    this.at = at;
  }
}

/** What four bytes of a varint hold, and one more. */
const FOUR = 2 ** 28;

/** The bytes a whole number takes as a protobuf `int64`. */
export function varintSize(value: number): number {
  if (value < 0) return 10;
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}
