import type { ExponentialBuckets, ExponentialPoint, HistogramPoint } from './otlp-request.ts';

/** Upper bounds in ascending order, the last one +Inf, and how many values lie below each or at it. */
export interface ClassicBuckets {
  readonly bounds: readonly number[];
  readonly cumulative: readonly number[];
}

/** Exponential histograms are brought to buckets of this scale: each reaches from one power of the square root of two to the next. */
const SCALE = 1;
/** More buckets than this would be too many series: the smallest ones are put together. */
const MOST_BUCKETS = 64;
/** Bounds below and above which there is no number. */
const LOWEST_INDEX = -1_074 * 2 ** SCALE;
const HIGHEST_INDEX = 1_024 * 2 ** SCALE;

/** A histogram with explicit bounds; null: its counts and bounds do not fit together. */
export function explicitBuckets({ counts, bounds, count }: HistogramPoint): ClassicBuckets | null {
  if (counts.length === 0 && bounds.length === 0) return { bounds: [Number.POSITIVE_INFINITY], cumulative: [count] };
  if (counts.length !== bounds.length + 1) return null;
  const cumulative: number[] = [];
  let sum = 0;
  for (const [index, each] of counts.entries()) {
    const before = bounds[index - 1];
    const bound = bounds[index];
    if (before !== undefined && bound !== undefined && !(bound > before)) return null;
    sum += each;
    cumulative.push(sum);
  }
  const hasInfinity = bounds.at(-1) === Number.POSITIVE_INFINITY;
  if (hasInfinity) return { bounds, cumulative: [...cumulative.slice(0, -2), sum] };
  return { bounds: [...bounds, Number.POSITIVE_INFINITY], cumulative };
}

/**
 * An exponential histogram as classic buckets: bounds are powers of the square root of two (of a higher power of two where the histogram
 * itself is coarser), from the lowest bucket with a value to the highest. Null: a scale that there is not.
 */
export function exponentialBuckets(point: ExponentialPoint): ClassicBuckets | null {
  const { scale, zeroCount, count } = point;
  if (!Number.isInteger(scale) || scale < -11 || scale > 20) return null;
  const step = 2 ** Math.min(scale, SCALE);
  const positive = coarser(point.positive, scale);
  const negative = coarser(point.negative, scale);
  const bounds: number[] = [];
  const cumulative: number[] = [];
  let sum = 0;
  // The smallest value of a negative bucket is its larger size: bucket i ends at -base^i.
  for (const [index, each] of [...negative].sort(([a], [b]) => b - a)) {
    sum += each;
    push(bounds, cumulative, -(2 ** (index / step)), sum);
  }
  if (zeroCount > 0 || sum > 0) {
    sum += zeroCount;
    push(bounds, cumulative, 0, sum);
  }
  for (const [index, each] of [...positive].sort(([a], [b]) => a - b)) {
    sum += each;
    push(bounds, cumulative, 2 ** ((index + 1) / step), sum);
  }
  return { bounds: [...bounds, Number.POSITIVE_INFINITY], cumulative: [...cumulative, Math.max(sum, count)] };
}

function push(bounds: number[], cumulative: number[], bound: number, sum: number): void {
  if (!Number.isFinite(bound)) return;
  if (bounds.at(-1) === bound) cumulative[cumulative.length - 1] = sum;
  else {
    bounds.push(bound);
    cumulative.push(sum);
  }
}

/** Index -> count at the coarser scale, without gaps from the lowest to the highest, and not too many. */
function coarser({ offset, counts }: ExponentialBuckets, scale: number): ReadonlyMap<number, number> {
  const factor = 2 ** Math.max(0, scale - SCALE);
  const found = new Map<number, number>();
  for (const [place, each] of counts.entries()) {
    if (!(each > 0)) continue;
    const index = Math.max(LOWEST_INDEX, Math.min(HIGHEST_INDEX, Math.floor((offset + place) / factor)));
    found.set(index, (found.get(index) ?? 0) + each);
  }
  const indexes = [...found.keys()];
  const highest = Math.max(...indexes);
  const lowest = Math.max(Math.min(...indexes), highest - MOST_BUCKETS + 1);
  const whole = new Map<number, number>();
  for (let index = lowest; index <= highest; index += 1) whole.set(index, 0);
  for (const [index, each] of found) {
    const place = Math.max(index, lowest);
    whole.set(place, (whole.get(place) ?? 0) + each);
  }
  return whole;
}
