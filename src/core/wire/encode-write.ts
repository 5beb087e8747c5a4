import type { Labels } from '../base/labels.ts';
import { sortedNames } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { Histogram } from '../promql/histogram.ts';
import { METRIC_TYPES, type MetricType } from './metric-type.ts';
import { encodeExemplar, encodeHistogram } from './prompb-encode.ts';
import { ProtoOutput, varintSize } from './proto-output.ts';
import { encodeUtf8 } from './utf8.ts';

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
  const out = new ProtoOutput(1024);
  putLabels(out, labels);
  return out.finish().slice();
}

/** A remote-write 1.0 `WriteRequest` (prompb/remote.proto), not compressed. Labels are sorted by name as the protocol demands. */
export function encodeWriteRequest(series: readonly WriteSeries[]): Uint8Array {
  const out = new ProtoOutput(series.length * 256 + 64);
  const scratch = new ProtoOutput(1024);
  for (const { labels, samples, exemplars = [] } of series) {
    scratch.clear();
    putLabels(scratch, labels);
    for (const sample of samples) putSample(scratch, sample);
    for (const { labels: own, value, at } of exemplars) scratch.bytesField(3, encodeExemplar(encodeLabels(own), value, at));
    out.bytesField(1, scratch.finish());
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

function putLabels(out: ProtoOutput, labels: Labels): void {
  for (const name of sortedNames(labels)) {
    const value = labels[name] ?? '';
    if (value !== '') putLabel(out, name, value);
  }
}

function putSample(out: ProtoOutput, { at, value, start = 0 }: WriteSample): void {
  if (typeof value === 'object') {
    out.bytesField(4, encodeHistogram(value, at, start));
    return;
  }
  out.reserve(48);
  out.putByte(18);
  out.putVarint(10 + varintSize(at) + (start === 0 ? 0 : 1 + varintSize(start)));
  out.putByte(9);
  if (value === 'stale') out.putStale();
  else out.putDouble(value);
  out.putByte(16);
  out.putVarint(at);
  if (start === 0) return;
  out.putByte(24);
  out.putVarint(start);
}

function putLabel(out: ProtoOutput, name: string, value: string): void {
  out.reserve((name.length + value.length) * 3 + 24);
  const start = out.size;
  if (name.length + value.length < SHORT && putAsciiLabel(out, name, value)) return;
  out.clear(start);
  const nameBytes = encodeUtf8(name);
  const valueBytes = encodeUtf8(value);
  out.putByte(10);
  out.putVarint(2 + varintSize(nameBytes.length) + nameBytes.length + varintSize(valueBytes.length) + valueBytes.length);
  out.putByte(10);
  out.putVarint(nameBytes.length);
  out.putBytes(nameBytes);
  out.putByte(18);
  out.putVarint(valueBytes.length);
  out.putBytes(valueBytes);
}

/** A label whose lengths take one byte each; false when a character is not ASCII. */
function putAsciiLabel(out: ProtoOutput, name: string, value: string): boolean {
  out.putByte(10);
  out.putByte(4 + name.length + value.length);
  out.putByte(10);
  if (!out.putAscii(name)) return false;
  out.putByte(18);
  return out.putAscii(value);
}

/** Name and value together, so that the length of the label takes one byte. */
const SHORT = 124;
