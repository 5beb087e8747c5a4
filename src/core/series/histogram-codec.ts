import { type Buckets, CUSTOM_SCHEMA, type Histogram, NO_BUCKETS, type ResetHint } from '../promql/histogram.ts';
import { ByteSink, ByteSource, decodeInts, encodeInts } from './packed-ints.ts';

/**
 * Native histograms one after the other, in runs of those that have the same layout:
 *
 *     varint   histograms in the run
 *     byte     bit 0 the layout of the run before, bit 1 the counts are whole numbers, bits 2-3 hint
 *     layout   zigzag schema; double zero threshold; varint and doubles of the listed bounds; negative and positive spans, each
 *              a varint and pairs of zigzag gap and varint length
 *     columns  what the count is above the sum of all buckets, the zero bucket, each negative, each positive bucket: whole numbers as
 *              the first and packed steps, others as doubles
 *
 * The sums stand elsewhere: they are the values of the samples.
 */
const SAME_LAYOUT = 1;
const WHOLE = 2;
const HINTS: readonly ResetHint[] = ['unknown', 'reset', 'not-reset', 'gauge'];

/** Counts from here on are not kept as whole numbers: their steps would not be exact. */
const WHOLE_LIMIT = 2 ** 51;

/** Packed numbers are read four bytes at a time. */
const PADDING_BYTES = 8;

/** No histogram of the store has more buckets of one sign, or listed bounds. */
export const MOST_BUCKETS = 10_000;

/** Do two histograms have the same buckets, bounds and hint? */
function isAlike(a: Histogram, b: Histogram): boolean {
  return a.hint === b.hint && hasLayoutOf(a, b);
}

/** Do two histograms have the same schema, zero bucket, bounds and buckets? */
export function hasLayoutOf(a: Histogram, b: Histogram): boolean {
  if (a === b) return true;
  return (
    a.schema === b.schema &&
    Object.is(a.zeroThreshold, b.zeroThreshold) &&
    isSame(a.positive.index, b.positive.index) &&
    isSame(a.negative.index, b.negative.index) &&
    isSame(a.customValues, b.customValues)
  );
}

function isSame(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** Are two histograms the same sample, whatever their hints say? */
export function isSameHistogram(a: Histogram, b: Histogram): boolean {
  return (
    Object.is(a.count, b.count) &&
    Object.is(a.sum, b.sum) &&
    Object.is(a.zeroCount, b.zeroCount) &&
    hasLayoutOf(a, b) &&
    isSame(a.positive.count, b.positive.count) &&
    isSame(a.negative.count, b.negative.count)
  );
}

/** Appends histograms to the sink, without their sums. */
export function encodeHistograms(list: readonly Histogram[], sink: ByteSink): void {
  let before: Histogram | null = null;
  for (let from = 0; from < list.length; ) {
    const first = list[from] as Histogram;
    const whole = isWhole(first);
    let to = from + 1;
    for (let next = list[to]; next !== undefined && isAlike(first, next) && isWhole(next) === whole; next = list[to]) to += 1;
    const same = before !== null && hasLayoutOf(before, first);
    sink.varint(to - from);
    sink.byte((same ? SAME_LAYOUT : 0) | (whole ? WHOLE : 0) | (HINTS.indexOf(first.hint) << 2));
    if (!same) encodeLayout(first, sink);
    encodeColumns(list.slice(from, to), whole, sink);
    before = first;
    from = to;
  }
}

function isWhole(histogram: Histogram): boolean {
  const { count, zeroCount, positive, negative } = histogram;
  const isEach = isCount(count) && isCount(zeroCount) && positive.count.every(isCount) && negative.count.every(isCount);
  return isEach && bucketSum(histogram) < WHOLE_LIMIT;
}

function isCount(value: number): boolean {
  return value >= 0 && value < WHOLE_LIMIT && Math.floor(value) === value && !Object.is(value, -0);
}

function encodeLayout({ schema, zeroThreshold, customValues, negative, positive }: Histogram, sink: ByteSink): void {
  zigzag(schema, sink);
  sink.double(zeroThreshold);
  sink.varint(customValues.length);
  for (const bound of customValues) sink.double(bound);
  encodeSpans(negative.index, sink);
  encodeSpans(positive.index, sink);
}

function encodeSpans(index: Int32Array, sink: ByteSink): void {
  const spans: number[] = [];
  let expected = 0;
  for (const at of index) {
    if (spans.length > 0 && at === expected) spans[spans.length - 1] = (spans.at(-1) ?? 0) + 1;
    else spans.push(at - expected, 1);
    expected = at + 1;
  }
  sink.varint(spans.length / 2);
  for (let i = 0; i < spans.length; i += 2) {
    zigzag(spans[i] ?? 0, sink);
    sink.varint(spans[i + 1] ?? 0);
  }
}

function zigzag(value: number, sink: ByteSink): void {
  sink.varint(value < 0 ? -value * 2 - 1 : value * 2);
}

function encodeColumns(run: readonly Histogram[], whole: boolean, sink: ByteSink): void {
  const column = new Float64Array(run.length);
  const put = (of: (one: Histogram) => number): void => {
    for (const [i, one] of run.entries()) column[i] = of(one);
    if (!whole) {
      for (const value of column) sink.double(value);
      return;
    }
    for (let i = column.length - 1; i > 0; i -= 1) column[i] = (column[i] ?? 0) - (column[i - 1] ?? 0);
    zigzag(column[0] ?? 0, sink);
    encodeInts(column, 1, column.length, sink);
  };
  // Of whole numbers the count is nearly always what the buckets make.
  put(whole ? (one) => one.count - bucketSum(one) : (one) => one.count);
  put((one) => one.zeroCount);
  const [first] = run;
  for (let b = 0; b < (first?.negative.index.length ?? 0); b += 1) put((one) => one.negative.count[b] ?? 0);
  for (let b = 0; b < (first?.positive.index.length ?? 0); b += 1) put((one) => one.positive.count[b] ?? 0);
}

function bucketSum({ zeroCount, positive, negative }: Histogram): number {
  let sum = zeroCount;
  for (const count of negative.count) sum += count;
  for (const count of positive.count) sum += count;
  return sum;
}

interface Layout {
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly customValues: readonly number[];
  readonly negative: Int32Array;
  readonly positive: Int32Array;
}

/** Which of the histograms are wanted, by their number in the order of the bytes, and where their sums are. */
export interface WantedHistograms {
  readonly count: number;
  readonly first: number;
  readonly end: number;
  readonly sum: (index: number) => number;
}

/** Reads `count` histograms, of which the wanted ones are given; null when the bytes are not what was written. */
export function decodeHistograms(source: ByteSource, wanted: WantedHistograms): Histogram[] | null {
  const found: Histogram[] = [];
  let layout: Layout | null = null;
  for (let at = 0; at < wanted.count; ) {
    const size = source.varint();
    const flags = source.byte();
    if (source.bad || size < 1 || size > wanted.count - at) return null;
    if ((flags & SAME_LAYOUT) === 0) layout = decodeLayout(source);
    if (layout === null || !decodeRun(source, { size, flags, at, layout }, wanted, found)) return null;
    at += size;
  }
  return found;
}

function decodeLayout(source: ByteSource): Layout | null {
  const schema = unzigzag(source);
  const zeroThreshold = source.double();
  const bounds = source.varint();
  if (source.bad || bounds > MOST_BUCKETS || (schema !== CUSTOM_SCHEMA && (schema < -4 || schema > 8))) return null;
  const customValues: number[] = [];
  for (let i = 0; i < bounds && !source.bad; i += 1) customValues.push(source.double());
  const negative = decodeSpans(source);
  const positive = decodeSpans(source);
  if (negative === null || positive === null || source.bad) return null;
  return { schema, zeroThreshold, customValues, negative, positive };
}

function unzigzag(source: ByteSource): number {
  const value = source.varint();
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function decodeSpans(source: ByteSource): Int32Array | null {
  const spans = source.varint();
  if (spans > MOST_BUCKETS) return null;
  const index: number[] = [];
  let at = 0;
  for (let i = 0; i < spans && !source.bad; i += 1) {
    at += unzigzag(source);
    const length = source.varint();
    if (index.length + length > MOST_BUCKETS) return null;
    for (let k = 0; k < length; k += 1, at += 1) index.push(at);
  }
  return index.length === 0 ? NO_BUCKETS.index : Int32Array.from(index);
}

interface Run {
  readonly size: number;
  readonly flags: number;
  readonly at: number;
  readonly layout: Layout;
}

function decodeRun(source: ByteSource, { size, flags, at, layout }: Run, wanted: WantedHistograms, found: Histogram[]): boolean {
  const whole = (flags & WHOLE) !== 0;
  const { schema, zeroThreshold, customValues } = layout;
  const columns = 2 + layout.negative.length + layout.positive.length;
  // A column takes at least one byte: what is declared and is not there makes no memory.
  if (columns > source.end - source.at) return false;
  const first = Math.max(0, wanted.first - at);
  const end = Math.min(size, wanted.end - at);
  const rows = Math.max(0, end - first);
  const kept = new Float64Array(rows * columns);
  const column = new Float64Array(size);
  for (let c = 0; c < columns; c += 1) {
    if (!decodeColumn(source, column, whole)) return false;
    for (let row = 0; row < rows; row += 1) kept[row * columns + c] = column[first + row] ?? 0;
  }
  const hint = HINTS[(flags >> 2) & 3] ?? 'unknown';
  for (let row = 0; row < rows; row += 1) {
    const from = row * columns;
    const middle = from + 2 + layout.negative.length;
    const negative = bucketsOf(layout.negative, kept.subarray(from + 2, middle));
    const positive = bucketsOf(layout.positive, kept.subarray(middle, from + columns));
    const zeroCount = kept[from + 1] ?? 0;
    const histogram = { schema, hint, zeroThreshold, zeroCount, count: kept[from] ?? 0, negative, positive, customValues };
    const sum = wanted.sum(at + first + row);
    found.push({ ...histogram, sum, count: histogram.count + (whole ? bucketSum({ ...histogram, sum }) : 0) });
  }
  return true;
}

function bucketsOf(index: Int32Array, count: Float64Array): Buckets {
  return index.length === 0 ? NO_BUCKETS : { index, count };
}

function decodeColumn(source: ByteSource, column: Float64Array, whole: boolean): boolean {
  if (!whole) {
    for (let i = 0; i < column.length; i += 1) column[i] = source.double();
    return !source.bad;
  }
  column[0] = unzigzag(source);
  if (source.bad || !decodeInts(source, column, 1, column.length - 1)) return false;
  for (let i = 1; i < column.length; i += 1) column[i] = (column[i] ?? 0) + (column[i - 1] ?? 0);
  return true;
}

/** Histograms with their sums as bytes, to be sent to another thread. */
export function packHistograms(list: readonly Histogram[]): Uint8Array {
  const sink = new ByteSink();
  sink.varint(list.length);
  for (const { sum } of list) sink.double(sum);
  encodeHistograms(list, sink);
  sink.reserve(PADDING_BYTES);
  return sink.bytes.slice(0, sink.at + PADDING_BYTES);
}

/** Reads what `packHistograms` wrote; nothing when the bytes are something else. */
export function unpackHistograms(bytes: Uint8Array): Histogram[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const source = new ByteSource();
  source.open(bytes, view, 0, bytes.length - PADDING_BYTES);
  const count = source.varint();
  const sums = source.at;
  source.at += count * 8;
  if (source.bad || source.at > source.end) return [];
  return decodeHistograms(source, { count, first: 0, end: count, sum: (index) => view.getFloat64(sums + index * 8, true) }) ?? [];
}
