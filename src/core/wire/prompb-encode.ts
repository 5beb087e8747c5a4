import type { Millis } from '../base/time.ts';
import { type Buckets, CUSTOM_SCHEMA, type Histogram, type ResetHint } from '../promql/histogram.ts';
import { ProtoOutput } from './proto-output.ts';

const HINTS: readonly ResetHint[] = ['unknown', 'reset', 'not-reset', 'gauge'];
const EXACT = 2 ** 51;

/** A `Histogram` message of remote write (prompb/types.proto); a start of 0 is left out. */
export function encodeHistogram(histogram: Histogram, at: Millis, start: Millis = 0): Uint8Array {
  const { schema, zeroThreshold, zeroCount, count, sum, negative, positive, customValues } = histogram;
  const out = new ProtoOutput();
  const whole = isWhole(histogram);
  out.number(1, 2, whole, count);
  out.double(3, sum);
  out.int(4, zigzag(schema));
  out.double(5, zeroThreshold);
  if (schema !== CUSTOM_SCHEMA) out.number(6, 7, whole, zeroCount);
  encodeBuckets(out, 8, negative, whole);
  encodeBuckets(out, 11, positive, whole);
  out.int(14, HINTS.indexOf(histogram.hint));
  out.int(15, at);
  if (customValues.length > 0) out.message(16, (inner) => customValues.forEach((bound) => inner.rawDouble(bound)));
  if (start !== 0) out.int(17, start);
  return out.finish();
}

/** A `Sample` message whose counter started at a known moment. */
export function encodeStarted(value: number, at: Millis, start: Millis): Uint8Array {
  const out = new ProtoOutput();
  out.double(1, value);
  out.int(2, at);
  out.int(3, start);
  return out.finish();
}

/** An `Exemplar` message of remote write; the labels are `labels` fields as those of a series. */
export function encodeExemplar(labels: Uint8Array, value: number, at: Millis): Uint8Array {
  const out = new ProtoOutput();
  out.raw(labels);
  out.double(2, value);
  out.int(3, at);
  return out.finish();
}

/** Whole numbers travel as differences, but only when they make the count: readers check that. */
export function isWhole({ count, sum, zeroCount, positive, negative }: Histogram): boolean {
  let total = zeroCount;
  for (const value of [...positive.count, ...negative.count]) {
    if (!Number.isInteger(value) || value < 0) return false;
    total += value;
  }
  const isEach = Number.isInteger(zeroCount) && zeroCount >= 0 && Number.isInteger(count) && count >= 0 && total < EXACT && count < EXACT;
  return isEach && (Number.isNaN(sum) ? total <= count : total === count);
}

function encodeBuckets(out: ProtoOutput, field: number, { index, count }: Buckets, whole: boolean): void {
  if (index.length === 0) return;
  for (const { offset, length } of toSpans(index)) {
    out.message(field, (span) => {
      span.int(1, zigzag(offset));
      span.int(2, length);
    });
  }
  if (whole) out.message(field + 1, (inner) => count.forEach((value, i) => inner.varint(zigzag(value - (count[i - 1] ?? 0)))));
  else out.message(field + 2, (inner) => count.forEach((value) => inner.rawDouble(value)));
}

/** Runs of buckets that follow each other, each with its distance from the end of the one before (from 0). */
export function toSpans(index: Int32Array): readonly { readonly offset: number; readonly length: number }[] {
  const spans: { readonly offset: number; readonly length: number }[] = [];
  let expected = 0;
  for (let i = 0; i < index.length; ) {
    const from = index[i] ?? 0;
    let length = 1;
    while (index[i + length] === from + length) length += 1;
    spans.push({ offset: from - expected, length });
    expected = from + length;
    i += length;
  }
  return spans;
}

function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}
