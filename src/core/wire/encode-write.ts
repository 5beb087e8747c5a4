import type { Labels } from '../base/labels.ts';
import { sortedNames } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { Histogram } from '../promql/histogram.ts';
import { METRIC_TYPES, type MetricType } from './metric-type.ts';
import { encodeExemplar, encodeHistogram, ProtoOutput } from './prompb-encode.ts';
import { encodeUtf8 } from './utf8.ts';
import { STALE_HIGH, STALE_LOW } from './write-batch.ts';

/** One sample to send: a number, a native histogram, or `'stale'`, which says that the series ended here. */
export interface WriteSample {
  readonly at: Millis;
  readonly value: number | Histogram | 'stale';
  /** When its counter started; absent or 0 = not known. Only stores of this product learn it: 1.0 has no field for it. */
  readonly start?: Millis | undefined;
}

/** A single observation to send with a series. */
export interface WriteExemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly at: Millis;
}

/** One series of a write request: its labels, `__name__` among them, its samples in order of time, and its exemplars. */
export interface WriteSeries {
  readonly labels: Labels;
  readonly samples: readonly WriteSample[];
  readonly exemplars?: readonly WriteExemplar[] | undefined;
}

/** What is said of a metric. */
export interface WriteMetadata {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

/** The `labels` fields of a remote-write `TimeSeries`, sorted by name; empty values are left out. It is also the key of a series in the store. */
export function encodeLabels(labels: Labels): Uint8Array {
  const out = new Output(1024);
  out.labels(labels);
  return out.finish().slice();
}

/** A remote-write 1.0 `WriteRequest` (prompb/remote.proto), not compressed. Labels are sorted by name as the protocol demands. */
export function encodeWriteRequest(series: readonly WriteSeries[]): Uint8Array {
  const out = new Output(series.length * 256 + 64);
  const scratch = new Output(1024);
  for (const { labels, samples, exemplars = [] } of series) {
    scratch.clear();
    scratch.labels(labels);
    for (const sample of samples) scratch.sample(sample);
    for (const exemplar of exemplars) scratch.exemplar(exemplar);
    out.reserve(scratch.size + 8);
    out.byte(10);
    out.varint(scratch.size);
    out.raw(scratch.finish());
  }
  return out.finish();
}

/** The part of a remote-write 1.0 `WriteRequest` that describes metrics; it may stand before or behind the series of another. */
export function encodeMetadata(metrics: readonly WriteMetadata[]): Uint8Array {
  const out = new ProtoOutput();
  for (const { name, type, help, unit } of metrics) {
    out.message(3, (inner) => {
      inner.int(1, METRIC_TYPES.indexOf(type));
      inner.bytesField(2, encodeUtf8(name));
      if (help !== '') inner.bytesField(4, encodeUtf8(help));
      if (unit !== '') inner.bytesField(5, encodeUtf8(unit));
    });
  }
  return out.finish();
}

/** The bytes a number takes as a protobuf int64. */
function varintSize(value: number): number {
  if (value < 0) return 10;
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

/** Growing bytes with the fields that a write request is made of. */
class Output {
  private at = 0;
  private bytes: Uint8Array;
  private view: DataView;

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
    this.view = new DataView(this.bytes.buffer);
  }

  get size(): number {
    return this.at;
  }

  clear(): void {
    this.at = 0;
  }

  /** What was written; a view, until the next change. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  reserve(more: number): void {
    if (this.at + more <= this.bytes.length) return;
    const bytes = new Uint8Array(Math.max(this.at + more, this.bytes.length * 2));
    bytes.set(this.bytes);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }

  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  raw(bytes: Uint8Array): void {
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  varint(value: number): void {
    if (value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest >= 128n; rest >>= 7n) this.byte(Number(rest & 127n) | 0x80);
      this.byte(Number(rest));
      return;
    }
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) | 0x80);
    this.byte(rest);
  }

  labels(labels: Labels): void {
    for (const name of sortedNames(labels)) {
      const value = labels[name] ?? '';
      if (value !== '') this.label(name, value);
    }
  }

  sample({ at, value, start = 0 }: WriteSample): void {
    if (typeof value === 'object') {
      this.histogram(encodeHistogram(value, at, start));
      return;
    }
    this.reserve(48);
    this.byte(18);
    this.varint(10 + varintSize(at) + (start === 0 ? 0 : 1 + varintSize(start)));
    this.byte(9);
    if (value === 'stale') {
      this.view.setUint32(this.at, STALE_LOW, true);
      this.view.setUint32(this.at + 4, STALE_HIGH, true);
    } else this.view.setFloat64(this.at, value, true);
    this.at += 8;
    this.byte(16);
    this.varint(at);
    if (start === 0) return;
    this.byte(24);
    this.varint(start);
  }

  exemplar({ labels, value, at }: WriteExemplar): void {
    const message = encodeExemplar(encodeLabels(labels), value, at);
    this.reserve(message.length + 8);
    this.byte(26);
    this.varint(message.length);
    this.raw(message);
  }

  private histogram(message: Uint8Array): void {
    this.reserve(message.length + 8);
    this.byte(34);
    this.varint(message.length);
    this.raw(message);
  }

  private label(name: string, value: string): void {
    this.reserve((name.length + value.length) * 3 + 24);
    const start = this.at;
    if (name.length + value.length < SHORT && this.asciiLabel(name, value)) return;
    this.at = start;
    const nameBytes = encodeUtf8(name);
    const valueBytes = encodeUtf8(value);
    this.byte(10);
    this.varint(2 + varintSize(nameBytes.length) + nameBytes.length + varintSize(valueBytes.length) + valueBytes.length);
    this.byte(10);
    this.varint(nameBytes.length);
    this.raw(nameBytes);
    this.byte(18);
    this.varint(valueBytes.length);
    this.raw(valueBytes);
  }

  /** A label whose lengths take one byte each; false when a character is not ASCII. */
  private asciiLabel(name: string, value: string): boolean {
    this.byte(10);
    this.byte(4 + name.length + value.length);
    this.byte(10);
    if (!this.ascii(name)) return false;
    this.byte(18);
    return this.ascii(value);
  }

  private ascii(text: string): boolean {
    const { bytes } = this;
    this.byte(text.length);
    const { at } = this;
    let seen = 0;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      seen |= code;
      bytes[at + i] = code;
    }
    this.at = at + text.length;
    return seen < 0x80;
  }
}

/** Name and value together, so that the length of the label takes one byte. */
const SHORT = 124;
