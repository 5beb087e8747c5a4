import type { Buckets, Histogram } from './histogram.ts';
import { upperBound, usesCustomBuckets, zeroBucket } from './histogram-layout.ts';
import { compactBuckets } from './histogram-math.ts';

/** Which observations `</` and `>/` remove: those above the bound, or those below. */
export type Trim = 'upper' | 'lower';

interface Cut {
  readonly trim: Trim;
  readonly bound: number;
  /** Observations are spread evenly between the bounds; else evenly on a logarithmic scale. */
  readonly linear: boolean;
}

interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** What stays of a bucket, and the value that stands for it in the sum. */
interface Kept {
  readonly count: number;
  readonly middle: number;
}

/**
 * The histogram without the observations above (`</`) or below (`>/`) a bound. A bucket that is cut is divided by estimate, and, as soon
 * as anything is removed, the sum is estimated anew from the middles of what stays.
 */
export function trimHistogram(histogram: Histogram, bound: number, trim: Trim): Histogram {
  const cut: Cut = { trim, bound, linear: usesCustomBuckets(histogram) };
  const total = { count: 0, sum: 0, trimmed: false };
  const add = (kept: Kept, before: number): number => {
    total.count += kept.count;
    if (kept.count !== 0) total.sum += kept.middle * kept.count;
    if (kept.count !== before) total.trimmed = true;
    return kept.count;
  };
  const side = (buckets: Buckets, sign: 1 | -1): Buckets => {
    const count = buckets.count.map((each, at) =>
      each === 0 ? 0 : add(trimBucket(boundsAt(histogram, buckets.index[at] ?? 0, sign), each, cut, sign), each),
    );
    return compactBuckets({ index: buckets.index, count });
  };
  const positive = side(histogram.positive, 1);
  const negative = side(histogram.negative, -1);
  const zeroCount = histogram.zeroCount > 0 ? add(trimZero(histogram, cut), histogram.zeroCount) : histogram.zeroCount;
  return total.trimmed ? { ...histogram, positive, negative, zeroCount, count: total.count, sum: total.sum } : histogram;
}

function boundsAt(histogram: Histogram, index: number, sign: 1 | -1): Bounds {
  const near = upperBound(histogram, index - 1);
  const far = upperBound(histogram, index);
  return sign > 0 ? { lower: near, upper: far } : { lower: -far, upper: -near };
}

function trimBucket(bounds: Bounds, count: number, cut: Cut, sign: 1 | -1): Kept {
  const { lower, upper } = bounds;
  const { trim, bound } = cut;
  const whole = trim === 'upper' ? upper <= bound : lower >= bound;
  if (whole) return { count, middle: middleOf(bounds, cut, sign) };
  const inside = trim === 'upper' ? lower < bound : upper > bound;
  if (!inside) return { count: 0, middle: 0 };
  if (lower === Number.NEGATIVE_INFINITY || upper === Number.POSITIVE_INFINITY) return trimInfinite(bounds, count, cut);
  const below = count * shareBelow(bounds, cut, sign);
  return trim === 'upper'
    ? { count: below, middle: middleOf({ lower, upper: bound }, cut, sign) }
    : { count: count - below, middle: middleOf({ lower: bound, upper }, cut, sign) };
}

/** A bucket that reaches to infinity cannot be divided, except one from below zero to a positive bound, which is taken to begin at 0. */
function trimInfinite({ lower, upper }: Bounds, count: number, { trim, bound }: Cut): Kept {
  const nothing: Kept = { count: 0, middle: 0 };
  if (lower === Number.NEGATIVE_INFINITY) {
    if (trim === 'lower') {
      if (bound === Number.NEGATIVE_INFINITY) return { count, middle: 0 };
      const divided = bound >= 0 && upper > bound && upper !== Number.POSITIVE_INFINITY;
      return divided ? { count: count * (1 - bound / upper), middle: (bound + upper) / 2 } : nothing;
    }
    if (bound > 0 && upper > 0 && upper !== Number.POSITIVE_INFINITY) return { count: (count * bound) / upper, middle: bound / 2 };
    return upper <= 0 ? { count, middle: bound } : nothing;
  }
  return trim === 'lower' && bound >= lower ? { count, middle: bound } : nothing;
}

/** The share of a bucket's observations at or below the bound, which lies inside. */
function shareBelow({ lower, upper }: Bounds, { bound, linear }: Cut, sign: 1 | -1): number {
  if (linear) return (bound - lower) / (upper - lower);
  const [from, to, at] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper)), Math.log2(Math.abs(bound))];
  return sign > 0 ? (at - from) / (to - from) : 1 - (at - to) / (from - to);
}

/** The value that stands for what lies between two bounds: their mean, arithmetic or geometric; an infinite bound says nothing. */
function middleOf({ lower, upper }: Bounds, { linear }: Cut, sign: 1 | -1): number {
  if (!Number.isFinite(lower)) return !Number.isFinite(upper) ? 0 : upper > 0 ? upper / 2 : upper;
  if (!Number.isFinite(upper)) return lower;
  return linear ? (lower + upper) / 2 : sign * Math.sqrt(Math.abs(lower * upper));
}

/** The zero bucket ends at zero on a side that has no other observations. */
function trimZero(histogram: Histogram, { trim, bound }: Cut): Kept {
  const { count } = zeroBucket(histogram);
  const hasPositive = histogram.positive.count.some((each) => each !== 0);
  const hasNegative = histogram.negative.count.some((each) => each !== 0);
  const lower = hasPositive && !hasNegative ? 0 : -histogram.zeroThreshold;
  const upper = hasNegative && !hasPositive ? 0 : histogram.zeroThreshold;
  const whole: Kept = { count, middle: (lower + upper) / 2 };
  const nothing: Kept = { count: 0, middle: 0 };
  if (trim === 'upper') {
    if (bound <= lower) return nothing;
    return bound >= upper ? whole : { count: (count * (bound - lower)) / (upper - lower), middle: (lower + bound) / 2 };
  }
  if (bound <= lower) return whole;
  return bound >= upper ? nothing : { count: (count * (upper - bound)) / (upper - lower), middle: (bound + upper) / 2 };
}
