import { type Buckets, CUSTOM_SCHEMA, type Histogram, NO_BUCKETS, type ResetHint } from './histogram.ts';
import { growThreshold, raiseZeroThreshold, reduceSchema, toBounds, usesCustomBuckets } from './histogram-layout.ts';

/** Two histograms brought to the same layout, and whether listed bounds had to be intersected for that. */
export interface Aligned {
  readonly left: Histogram;
  readonly right: Histogram;
  readonly reconciled: boolean;
}

/** Brings two histograms to the finest layout both can be expressed in; null when one has listed bounds and the other not. */
export function alignHistograms(left: Histogram, right: Histogram): Aligned | null {
  if (usesCustomBuckets(left) !== usesCustomBuckets(right)) return null;
  if (usesCustomBuckets(left)) {
    if (sameNumbers(left.customValues, right.customValues)) return { left, right, reconciled: false };
    const others = new Set(right.customValues);
    const bounds = left.customValues.filter((bound) => others.has(bound));
    return { left: toBounds(left, bounds), right: toBounds(right, bounds), reconciled: true };
  }
  let a = left;
  let b = right;
  if (a.zeroThreshold !== b.zeroThreshold) {
    let threshold = Math.max(a.zeroThreshold, b.zeroThreshold);
    for (;;) {
      const next = growThreshold(b, growThreshold(a, threshold));
      if (next === threshold) break;
      threshold = next;
    }
    a = raiseZeroThreshold(a, threshold);
    b = raiseZeroThreshold(b, threshold);
  }
  const schema = Math.min(a.schema, b.schema);
  return { left: reduceSchema(a, schema), right: reduceSchema(b, schema), reconciled: false };
}

/** A sum or difference of histograms; `collision` = their hints contradict each other. */
export interface Combined {
  readonly value: Histogram;
  readonly reconciled: boolean;
  readonly collision: boolean;
}

/** `left + right`; null when the layouts do not fit together. */
export function addHistograms(left: Histogram, right: Histogram): Combined | null {
  return combine(left, right, 1);
}

/** `left - right`; null when the layouts do not fit together. The hint is the one of a sum; callers that make a gauge of it say so. */
export function subtractHistograms(left: Histogram, right: Histogram): Combined | null {
  return combine(left, right, -1);
}

function combine(left: Histogram, right: Histogram, sign: number): Combined | null {
  const aligned = alignHistograms(left, right);
  if (aligned === null) return null;
  const { left: a, right: b, reconciled } = aligned;
  const { hint, collision } = combineHints(left.hint, right.hint);
  const value: Histogram = {
    ...a,
    hint,
    zeroCount: a.zeroCount + sign * b.zeroCount,
    count: a.count + sign * b.count,
    sum: a.sum + sign * b.sum,
    positive: combineBuckets(a.positive, b.positive, (x, y) => x + sign * y),
    negative: combineBuckets(a.negative, b.negative, (x, y) => x + sign * y),
  };
  return { value, reconciled, collision };
}

/** The hint of a sum: a gauge wins, what is unknown stays unknown, and a reset with a non-reset contradict each other. */
export function combineHints(left: ResetHint, right: ResetHint): { readonly hint: ResetHint; readonly collision: boolean } {
  if (left === right) return { hint: left, collision: false };
  if (left === 'gauge' || right === 'gauge') return { hint: 'gauge', collision: false };
  return { hint: 'unknown', collision: left !== 'unknown' && right !== 'unknown' };
}

/** Buckets of two histograms of the same layout, combined index by index; empty ones are left out. */
function combineBuckets(left: Buckets, right: Buckets, op: (a: number, b: number) => number): Buckets {
  const size = left.index.length + right.index.length;
  const index = new Int32Array(size);
  const count = new Float64Array(size);
  let used = 0;
  let l = 0;
  let r = 0;
  while (l < left.index.length || r < right.index.length) {
    const a = left.index[l] ?? Number.POSITIVE_INFINITY;
    const b = right.index[r] ?? Number.POSITIVE_INFINITY;
    const value = op(a <= b ? (left.count[l] ?? 0) : 0, b <= a ? (right.count[r] ?? 0) : 0);
    if (value !== 0) {
      index[used] = Math.min(a, b);
      count[used] = value;
      used += 1;
    }
    if (a <= b) l += 1;
    if (b <= a) r += 1;
  }
  return { index: index.slice(0, used), count: count.slice(0, used) };
}

/** Every count and the sum multiplied; by a negative factor it becomes a gauge. */
export function scaleHistogram(histogram: Histogram, factor: number): Histogram {
  return mapCounts(histogram, factor < 0, (count) => count * factor);
}

/** Every count and the sum divided; division by zero leaves no buckets. */
export function divideHistogram(histogram: Histogram, divisor: number): Histogram {
  const result = mapCounts(histogram, divisor < 0, (count) => count / divisor);
  return divisor === 0 ? { ...result, positive: NO_BUCKETS, negative: NO_BUCKETS } : result;
}

function mapCounts(histogram: Histogram, negates: boolean, map: (count: number) => number): Histogram {
  const mapBuckets = (buckets: Buckets): Buckets => compactBuckets({ index: buckets.index, count: buckets.count.map(map) });
  return {
    ...histogram,
    hint: negates ? 'gauge' : histogram.hint,
    zeroCount: map(histogram.zeroCount),
    count: map(histogram.count),
    sum: map(histogram.sum),
    positive: mapBuckets(histogram.positive),
    negative: mapBuckets(histogram.negative),
  };
}

/** The buckets without empty ones. */
export function compactBuckets(buckets: Buckets): Buckets {
  if (!buckets.count.includes(0)) return buckets;
  const filled = (_: number, at: number): boolean => buckets.count[at] !== 0;
  return { index: buckets.index.filter(filled), count: buckets.count.filter(filled) };
}

/** Are two histograms the same in everything but the hint? */
export function equalHistograms(left: Histogram, right: Histogram): boolean {
  if (left.schema !== right.schema || !Object.is(left.count, right.count) || !Object.is(left.sum, right.sum)) return false;
  if (left.schema === CUSTOM_SCHEMA && !sameNumbers(left.customValues, right.customValues)) return false;
  if (left.zeroThreshold !== right.zeroThreshold || left.zeroCount !== right.zeroCount) return false;
  return sameBuckets(left.positive, right.positive) && sameBuckets(left.negative, right.negative);
}

function sameBuckets(left: Buckets, right: Buckets): boolean {
  const a = compactBuckets(left);
  const b = compactBuckets(right);
  return sameNumbers(a.index, b.index) && sameNumbers(a.count, b.count);
}

/** The same numbers in the same order. */
export function sameNumbers(left: ArrayLike<number>, right: ArrayLike<number>): boolean {
  if (left.length !== right.length) return false;
  for (let at = 0; at < left.length; at += 1) {
    if (left[at] !== right[at]) return false;
  }
  return true;
}
