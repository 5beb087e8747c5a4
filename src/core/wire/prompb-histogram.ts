import type { Millis } from '../base/time.ts';
import { type Buckets, CUSTOM_SCHEMA, type Histogram, NO_BUCKETS, type ResetHint } from '../promql/histogram.ts';
import { reduceSchema } from '../promql/histogram-layout.ts';
import { MOST_BUCKETS } from '../series/histogram-codec.ts';
import { ProtoCursor } from './proto-cursor.ts';
import { STALE_HIGH, STALE_LOW } from './write-batch.ts';

/** Why a histogram of a write request cannot be stored. */
export type HistogramProblem =
  | 'histogram-malformed'
  | 'histogram-schema-unknown'
  | 'histogram-spans-malformed'
  | 'histogram-counts-inconsistent'
  | 'histogram-bounds-malformed';

/** A histogram sample of a write request. */
export interface HistogramSample {
  readonly time: Millis;
  /** When its counter started; 0 = not known. */
  readonly start: Millis;
  readonly value: Histogram | 'stale';
}

/** As `Histogram.ResetHint` of the protocol numbers them. */
const HINTS: readonly ResetHint[] = ['unknown', 'reset', 'not-reset', 'gauge'];
const FINEST = 8;
/** Finer than what is stored, and defined: they are made coarser. */
const FINEST_DEFINED = 52;
const COARSEST = -4;
/** Bucket numbers beyond it lie outside of what a float can be in every schema. */
const INDEX_LIMIT = 2 ** 30;

interface Side {
  /** Pairs of offset and length. */
  readonly spans: number[];
  readonly deltas: number[];
  readonly counts: number[];
}

class Raw {
  count = 0;
  sum = 0;
  schema = 0;
  zeroThreshold = 0;
  zeroCount = 0;
  /** Are the counts whole numbers (`count_int`) and the buckets differences? */
  whole = false;
  stale = false;
  hint = 0;
  time = 0;
  start = 0;
  readonly negative: Side = { spans: [], deltas: [], counts: [] };
  readonly positive: Side = { spans: [], deltas: [], counts: [] };
  readonly customValues: number[] = [];
}

/** Reads a `Histogram` message of remote write 1.0 or 2.0, checked as Prometheus checks it. */
export function decodeHistogram(bytes: Uint8Array, from: number, to: number): HistogramSample | HistogramProblem {
  const raw = new Raw();
  const cursor = ProtoCursor.within(bytes, from, to);
  while (cursor.next()) readField(cursor, raw);
  if (cursor.bad || !Number.isFinite(raw.time)) return 'histogram-malformed';
  const { time, start } = raw;
  if (raw.stale) return { time, start, value: 'stale' };
  raw.whole ||= raw.positive.deltas.length > 0 || raw.negative.deltas.length > 0;
  const value = toHistogram(raw);
  return typeof value === 'string' ? value : { time, start, value };
}

function readField(cursor: ProtoCursor, raw: Raw): void {
  switch (cursor.tag) {
    case 8:
      raw.count = cursor.varint();
      raw.whole = true;
      break;
    case 17:
      raw.count = cursor.double();
      break;
    case 25:
      readSum(cursor, raw);
      break;
    case 32:
      raw.schema = cursor.zigzag();
      break;
    case 41:
      raw.zeroThreshold = cursor.double();
      break;
    case 48:
      raw.zeroCount = cursor.varint();
      break;
    case 57:
      raw.zeroCount = cursor.double();
      break;
    case 112:
      raw.hint = cursor.varint();
      break;
    case 120:
      raw.time = cursor.int64();
      break;
    case 136:
      raw.start = cursor.int64();
      break;
    default:
      readBuckets(cursor, raw);
  }
}

/** The bits of the sum tell the end of a series from a sum that is no number. */
function readSum(cursor: ProtoCursor, raw: Raw): void {
  const [low, high] = cursor.words();
  raw.stale = high >>> 0 === STALE_HIGH && low === STALE_LOW;
  raw.sum = cursor.lastDouble();
}

function readBuckets(cursor: ProtoCursor, raw: Raw): void {
  const { tag } = cursor;
  const side = tag < 88 ? raw.negative : raw.positive;
  // Fields 8 to 10 and 11 to 13: spans, differences, counts.
  if (tag === 66 || tag === 90) readSpan(cursor.message(), side.spans);
  else if (tag === 74 || tag === 98) cursor.packed(side.deltas, (inner) => inner.zigzag(), MOST_BUCKETS);
  else if (tag === 72 || tag === 96) one(cursor, side.deltas, cursor.zigzag());
  else if (tag === 82 || tag === 106) cursor.packed(side.counts, (inner) => inner.double(), MOST_BUCKETS);
  else if (tag === 81 || tag === 105) one(cursor, side.counts, cursor.double());
  else if (tag === 130) cursor.packed(raw.customValues, (inner) => inner.double(), MOST_BUCKETS);
  else if (tag === 129) one(cursor, raw.customValues, cursor.double());
  else cursor.skip();
}

function one(cursor: ProtoCursor, list: number[], value: number): void {
  if (list.length >= MOST_BUCKETS) cursor.bad = true;
  else list.push(value);
}

function readSpan(cursor: ProtoCursor, spans: number[]): void {
  let offset = 0;
  let length = 0;
  while (cursor.next()) {
    if (cursor.tag === 8) offset = cursor.zigzag();
    else if (cursor.tag === 16) length = cursor.varint();
    else cursor.skip();
  }
  if (spans.length >= MOST_BUCKETS * 2) cursor.bad = true;
  else spans.push(offset, length);
}

function toHistogram(raw: Raw): Histogram | HistogramProblem {
  const { schema, zeroThreshold, zeroCount, count, sum, customValues } = raw;
  if (schema !== CUSTOM_SCHEMA && (schema < COARSEST || schema > FINEST_DEFINED)) return 'histogram-schema-unknown';
  const positive = toBuckets(raw.positive, raw.whole);
  if (typeof positive === 'string') return positive;
  const negative = toBuckets(raw.negative, raw.whole);
  if (typeof negative === 'string') return negative;
  const hint = HINTS[raw.hint] ?? 'unknown';
  const histogram = { schema, hint, zeroThreshold, zeroCount, count, sum, positive, negative, customValues };
  const problem = (schema === CUSTOM_SCHEMA ? whyBadBounds(histogram) : null) ?? whyBadCounts(histogram, raw.whole);
  if (problem !== null) return problem;
  return schema > FINEST ? reduceSchema(histogram, FINEST) : histogram;
}

function toBuckets({ spans, deltas, counts }: Side, whole: boolean): Buckets | HistogramProblem {
  const given = whole ? deltas : counts;
  let total = 0;
  for (let i = 0; i < spans.length; i += 2) {
    if (i > 0 && (spans[i] ?? 0) < 0) return 'histogram-spans-malformed';
    total += spans[i + 1] ?? 0;
  }
  if (total !== given.length) return 'histogram-spans-malformed';
  if (total === 0) return NO_BUCKETS;
  const index = new Int32Array(total);
  const count = new Float64Array(total);
  let bucket = 0;
  let value = 0;
  for (let i = 0, at = 0; i < spans.length; i += 2) {
    bucket += spans[i] ?? 0;
    for (const end = at + (spans[i + 1] ?? 0); at < end; at += 1, bucket += 1) {
      if (Math.abs(bucket) > INDEX_LIMIT) return 'histogram-spans-malformed';
      value = whole ? value + (given[at] ?? 0) : (given[at] ?? 0);
      index[at] = bucket;
      count[at] = value;
    }
  }
  return { index, count };
}

function whyBadBounds({ customValues, zeroCount, zeroThreshold, positive, negative }: Histogram): HistogramProblem | null {
  if (zeroCount !== 0 || zeroThreshold !== 0 || negative.index.length > 0) return 'histogram-bounds-malformed';
  for (const [i, bound] of customValues.entries()) {
    if (Number.isNaN(bound) || bound === Number.POSITIVE_INFINITY) return 'histogram-bounds-malformed';
    if (i > 0 && bound <= (customValues[i - 1] ?? bound)) return 'histogram-bounds-malformed';
  }
  const { index } = positive;
  return (index[0] ?? 0) < 0 || (index[index.length - 1] ?? 0) > customValues.length ? 'histogram-bounds-malformed' : null;
}

function whyBadCounts({ count, sum, zeroCount, zeroThreshold, positive, negative }: Histogram, whole: boolean): HistogramProblem | null {
  let total = zeroCount;
  for (const { count: counts } of [positive, negative]) {
    for (const value of counts) {
      if (!(value >= 0)) return 'histogram-counts-inconsistent';
      total += value;
    }
  }
  if (!(count >= 0 && zeroCount >= 0 && zeroThreshold >= 0)) return 'histogram-counts-inconsistent';
  // Floats are not exact, and observations that are no number are in no bucket.
  if (!whole) return null;
  return total > count || (total !== count && !Number.isNaN(sum)) ? 'histogram-counts-inconsistent' : null;
}
