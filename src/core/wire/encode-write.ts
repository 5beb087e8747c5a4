import type { Labels } from '../base/labels.ts';
import { sortedNames } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import { encodeUtf8 } from './utf8.ts';
import { STALE_HIGH, STALE_LOW } from './write-batch.ts';

/** One sample to send. `'stale'` says that the series ended here. */
export interface WriteSample {
  readonly at: Millis;
  readonly value: number | 'stale';
}

/** One series of a write request: its labels, `__name__` among them, and its samples in order of time. */
export interface WriteSeries {
  readonly labels: Labels;
  readonly samples: readonly WriteSample[];
}

/** The `labels` fields of a remote-write `TimeSeries`, sorted by name; empty values are left out. It is also the key of a series in the store. */
export function encodeLabels(labels: Labels): Uint8Array {
  const parts: number[] = [];
  for (const name of sortedNames(labels)) {
    const value = labels[name] ?? '';
    if (value !== '') pushLabel(parts, encodeUtf8(name), encodeUtf8(value));
  }
  return Uint8Array.from(parts);
}

/** Appends one label field made of UTF-8 bytes. */
export function pushLabel(parts: number[], name: Uint8Array, value: Uint8Array): void {
  const size = 1 + varintSize(name.length) + name.length + 1 + varintSize(value.length) + value.length;
  parts.push(10);
  pushVarint(parts, size);
  parts.push(10);
  pushVarint(parts, name.length);
  for (const byte of name) parts.push(byte);
  parts.push(18);
  pushVarint(parts, value.length);
  for (const byte of value) parts.push(byte);
}

/** A remote-write 1.0 `WriteRequest` (prompb/remote.proto), not compressed. Labels are sorted by name as the protocol demands. */
export function encodeWriteRequest(series: readonly WriteSeries[]): Uint8Array {
  const encoded = series.map(({ labels, samples }) => ({ labels: encodeLabels(labels), samples }));
  let total = 0;
  for (const { labels, samples } of encoded) total += 16 + labels.length + samples.length * 24;
  const out = new Output(total);
  for (const one of encoded) {
    let size = one.labels.length;
    for (const { at } of one.samples) size += 2 + sampleSize(at);
    out.byte(10);
    out.varint(size);
    out.raw(one.labels);
    for (const sample of one.samples) out.sample(sample);
  }
  return out.finish();
}

/** The bytes of the body of a Sample: tag and double, tag and varint. */
function sampleSize(at: Millis): number {
  return 10 + varintSize(at);
}

/** The bytes a number takes as a protobuf int64. */
function varintSize(value: number): number {
  if (value < 0) return 10;
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function pushVarint(parts: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) parts.push((rest % 128) | 0x80);
  parts.push(rest);
}

class Output {
  private at = 0;
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
    this.view = new DataView(this.bytes.buffer);
  }
  byte(value: number): void {
    this.bytes[this.at++] = value;
  }
  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }
  varint(value: number): void {
    let rest = value < 0 ? BigInt.asUintN(64, BigInt(value)) : 0n;
    if (value < 0) {
      for (; rest >= 128n; rest >>= 7n) this.byte(Number(rest & 127n) | 0x80);
      this.byte(Number(rest));
      return;
    }
    let small = value;
    for (; small >= 128; small = Math.floor(small / 128)) this.byte((small % 128) | 0x80);
    this.byte(small);
  }
  sample({ at, value }: WriteSample): void {
    this.byte(18);
    this.varint(sampleSize(at));
    this.byte(9);
    if (value === 'stale') {
      this.view.setUint32(this.at, STALE_LOW, true);
      this.view.setUint32(this.at + 4, STALE_HIGH, true);
    } else this.view.setFloat64(this.at, value, true);
    this.at += 8;
    this.byte(16);
    this.varint(at);
  }
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }
}
