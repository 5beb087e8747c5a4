import type { Millis } from '../base/time.ts';
import { type Buckets, CUSTOM_SCHEMA, type Histogram } from '../promql/histogram.ts';
import { BitWriter, XorWriter } from './bit-writer.ts';
import { toSpans } from './prompb-encode.ts';

/** A native histogram and its time. */
export interface HistogramChunkSample {
  readonly at: Millis;
  readonly histogram: Histogram;
}

/** What the third byte of a chunk says of its first sample, and with the last one of all. */
const HEADERS = { unknown: 0, reset: 0x80, 'not-reset': 0x40, gauge: 0xc0 } as const;
/** Thresholds that are powers of two from 2^-243 to 2^10 take one byte: the exponent, and so much more. */
const EXPONENT_OFFSET = 244;
const OTHER_THRESHOLD = 255;
/** Bounds in thousandths up to this are written as whole numbers. */
const MOST_THOUSANDTHS = 33_554_430;

/**
 * Native histograms (1 to 65 535) as a chunk of Prometheus' own encoding: `HISTOGRAM` when the counts are whole numbers, else
 * `FLOAT_HISTOGRAM`. All of them have the same schema, zero bucket, bounds and buckets, and in a chunk of a counter no reset is between them.
 */
export function encodeHistogramChunk(samples: readonly HistogramChunkSample[], whole: boolean): Uint8Array {
  const out = new BitWriter();
  const [first] = samples;
  if (first === undefined) return out.finish();
  out.bits(samples.length, 16);
  out.byte(HEADERS[first.histogram.hint]);
  putLayout(out, first.histogram);
  const fields = whole ? new WholeFields(out) : new FloatFields(out);
  let before = 0;
  let distance = 0;
  for (const [i, { at, histogram }] of samples.entries()) {
    if (i === 0) out.signed(at);
    else out.signed(at - before - distance);
    if (i > 0) distance = at - before;
    before = at;
    fields.put(histogram, i === 0);
  }
  return out.finish();
}

function putLayout(out: BitWriter, { schema, zeroThreshold, positive, negative, customValues }: Histogram): void {
  putThreshold(out, zeroThreshold);
  out.signed(schema);
  putSpans(out, positive);
  putSpans(out, negative);
  if (schema !== CUSTOM_SCHEMA) return;
  out.unsigned(customValues.length);
  for (const bound of customValues) putBound(out, bound);
}

function putThreshold(out: BitWriter, threshold: number): void {
  const exponent = Math.round(Math.log2(threshold));
  if (threshold === 0) out.byte(0);
  else if (exponent >= -243 && exponent <= 10 && 2 ** exponent === threshold) out.byte(exponent + EXPONENT_OFFSET);
  else {
    out.byte(OTHER_THRESHOLD);
    out.double(threshold);
  }
}

function putSpans(out: BitWriter, { index }: Buckets): void {
  const spans = toSpans(index);
  out.unsigned(spans.length);
  for (const { offset, length } of spans) {
    out.unsigned(length);
    out.signed(offset);
  }
}

function putBound(out: BitWriter, bound: number): void {
  const thousandths = bound * 1000;
  const nearest = Math.round(thousandths);
  if (thousandths >= 0 && thousandths <= MOST_THOUSANDTHS && nearest / 1000 === bound) return out.unsigned(nearest + 1);
  out.bits(0, 1);
  out.double(bound);
}

/** Counts as how much their growth changed; those of buckets are differences to the bucket before. */
class WholeFields {
  private readonly out: BitWriter;
  private readonly sum = new XorWriter();
  private before: number[] = [];
  private growth: number[] = [];

  constructor(out: BitWriter) {
    this.out = out;
  }

  put(histogram: Histogram, isFirst: boolean): void {
    const { out, before, growth } = this;
    const counts = [histogram.count, histogram.zeroCount, ...steps(histogram.positive), ...steps(histogram.negative)];
    for (const [i, count] of counts.entries()) {
      if (i === 2) this.putSum(histogram.sum, isFirst);
      if (isFirst && i < 2) out.unsigned(count);
      else if (isFirst) out.signed(count);
      else {
        const grown = count - (before[i] ?? 0);
        out.signed(grown - (growth[i] ?? 0));
        growth[i] = grown;
      }
    }
    if (counts.length === 2) this.putSum(histogram.sum, isFirst);
    this.before = counts;
    if (isFirst) this.growth = counts.map(() => 0);
  }

  private putSum(sum: number, isFirst: boolean): void {
    if (isFirst) this.sum.first(this.out, sum);
    else this.sum.next(this.out, sum);
  }
}

function steps({ count }: Buckets): number[] {
  return Array.from(count, (one, i) => one - (count[i - 1] ?? 0));
}

/** All numbers as what changed in their bits. */
class FloatFields {
  private readonly out: BitWriter;
  private readonly columns: XorWriter[] = [];

  constructor(out: BitWriter) {
    this.out = out;
  }

  put({ count, zeroCount, sum, positive, negative }: Histogram, isFirst: boolean): void {
    for (const [i, value] of [count, zeroCount, sum, ...positive.count, ...negative.count].entries()) {
      const column = (this.columns[i] ??= new XorWriter());
      if (isFirst) column.first(this.out, value);
      else column.next(this.out, value);
    }
  }
}
