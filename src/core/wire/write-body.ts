import type { Millis } from '../base/time.ts';
import { STALE_HIGH, STALE_LOW } from './write-batch.ts';

const FIRST_BYTES = 16_384;
/** 18 length 9 (eight bytes) 16 (up to ten bytes). */
const SAMPLE_BYTES = 21;

/**
 * A remote-write 1.0 `WriteRequest` put together from label bytes that are already encoded (`encodeLabels`), one sample a series: what
 * costs when the same series come again and again is spelling their labels, and that is left out.
 */
export class WriteBody {
  samples = 0;
  private at = 0;
  private bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  private view = new DataView(this.bytes.buffer);

  /** How long the body is by now. */
  get size(): number {
    return this.at;
  }

  /** Adds a sample of the series whose label bytes are `labels[from, to)`. */
  add(labels: Uint8Array, [from, to]: readonly [number, number], at: Millis, value: number | 'stale'): void {
    const length = to - from;
    if (this.at + length + SAMPLE_BYTES + 12 > this.bytes.length) this.grow(length + SAMPLE_BYTES + 12);
    const timeBytes = varintLength(at);
    this.bytes[this.at++] = 10;
    this.varint(length + 12 + timeBytes);
    this.bytes.set(labels.subarray(from, to), this.at);
    this.at += length;
    this.bytes[this.at++] = 18;
    this.bytes[this.at++] = 10 + timeBytes;
    this.bytes[this.at++] = 9;
    if (value === 'stale') {
      this.view.setUint32(this.at, STALE_LOW, true);
      this.view.setUint32(this.at + 4, STALE_HIGH, true);
    } else this.view.setFloat64(this.at, value, true);
    this.at += 8;
    this.bytes[this.at++] = 16;
    this.varint(at);
    this.samples += 1;
  }

  /** Adds a series with one `Sample` (tag 18), `Exemplar` (26) or `Histogram` (34) message. */
  addMessage(labels: Uint8Array, [from, to]: readonly [number, number], tag: 18 | 26 | 34, message: Uint8Array): void {
    const size = message.length + varintLength(message.length) + 1;
    const length = to - from;
    if (this.at + length + size + 12 > this.bytes.length) this.grow(length + size + 12);
    this.bytes[this.at++] = 10;
    this.varint(length + size);
    this.bytes.set(labels.subarray(from, to), this.at);
    this.at += length;
    this.bytes[this.at++] = tag;
    this.varint(message.length);
    this.bytes.set(message, this.at);
    this.at += message.length;
    if (tag !== 26) this.samples += 1;
  }

  /** The body so far, and begins a new one. */
  take(): Uint8Array {
    const body = this.bytes.slice(0, this.at);
    this.at = 0;
    this.samples = 0;
    return body;
  }

  private varint(value: number): void {
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest >= 128n; rest >>= 7n) this.bytes[this.at++] = Number(rest & 127n) | 0x80;
      this.bytes[this.at++] = Number(rest);
      return;
    }
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.at++] = (rest % 128) | 0x80;
    this.bytes[this.at++] = rest;
  }

  private grow(more: number): void {
    const bytes = new Uint8Array(Math.max(this.bytes.length * 2, this.at + more));
    bytes.set(this.bytes.subarray(0, this.at));
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

function varintLength(value: number): number {
  if (value < 0) return 10;
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length += 1;
  return length;
}
