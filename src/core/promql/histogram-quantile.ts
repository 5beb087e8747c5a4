import type { Histogram } from './histogram.ts';
import { allBuckets, type Bucket, usesCustomBuckets } from './histogram-layout.ts';

/** A value and whether observations of NaN bent it. */
export interface Estimate {
  readonly value: number;
  /** `result-nan`: the value lies among observations of NaN; `skewed`: they push it up. */
  readonly nan: 'none' | 'result-nan' | 'skewed';
}

/** The estimated quantile of a native histogram: on a logarithmic scale inside exponential buckets, linear inside others. */
export function histogramQuantile(q: number, histogram: Histogram): Estimate {
  const plain = (value: number): Estimate => ({ value, nan: 'none' });
  if (q < 0) return plain(Number.NEGATIVE_INFINITY);
  if (q > 1) return plain(Number.POSITIVE_INFINITY);
  if (histogram.count === 0 || Number.isNaN(q)) return plain(Number.NaN);
  // NaN observations count, but are in no bucket; then ranks only make sense from below.
  const hasNaN = Number.isNaN(histogram.sum);
  const forward = hasNaN || q < 0.5;
  const buckets = allBuckets(histogram);
  if (!forward) buckets.reverse();
  let rank = (forward ? q : 1 - q) * histogram.count;
  let bucket: Bucket = { lower: 0, upper: 0, lowerInclusive: true, upperInclusive: true, count: 0 };
  let count = 0;
  for (bucket of buckets) {
    count += bucket.count;
    if (count >= rank) break;
  }
  const edges = edgesOf(histogram, bucket);
  if (typeof edges === 'number') return plain(edges);
  count = Math.min(count, histogram.count);
  if (count < rank) return hasNaN ? { value: Number.NaN, nan: 'result-nan' } : plain(edges.upper);
  rank = forward ? rank - (count - bucket.count) : count - rank;
  // A sum of NaN may also come from observations of both infinities: only a missing count is one of NaN.
  const nan = hasNaN && bucketTotal(histogram) < histogram.count ? 'skewed' : 'none';
  return { value: interpolate(histogram, edges, rank / bucket.count), nan };
}

interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** The bounds to interpolate between: the zero bucket ends at zero when there is nothing beyond; or the value itself where a bound is infinite. */
function edgesOf(histogram: Histogram, { lower, upper }: Bounds): Bounds | number {
  if (usesCustomBuckets(histogram)) {
    if (lower === Number.NEGATIVE_INFINITY) return upper <= 0 ? upper : { lower: 0, upper };
    return upper === Number.POSITIVE_INFINITY ? lower : { lower, upper };
  }
  return zeroEdges(histogram, { lower, upper });
}

function zeroEdges({ positive, negative }: Histogram, { lower, upper }: Bounds): Bounds {
  if (!(lower <= 0 && upper >= 0)) return { lower, upper };
  if (negative.index.length === 0 && positive.index.length > 0) return { lower: 0, upper };
  if (positive.index.length === 0 && negative.index.length > 0) return { lower, upper: 0 };
  return { lower, upper };
}

function interpolate(histogram: Histogram, { lower, upper }: Bounds, share: number): number {
  if (usesCustomBuckets(histogram) || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * share;
  const [from, to] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper))];
  return lower > 0 ? 2 ** (from + (to - from) * share) : -(2 ** (to + (from - to) * (1 - share)));
}

/** The estimated share of observations between two values; `nan` = observations of NaN are left out of it. */
export function histogramFraction(lower: number, upper: number, histogram: Histogram): Estimate {
  if (histogram.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: Number.NaN, nan: 'none' };
  if (lower >= upper) return { value: 0, nan: 'none' };
  const hasNaN = Number.isNaN(histogram.sum);
  const total = hasNaN ? bucketTotal(histogram) : histogram.count;
  const rank = (value: number): number => Math.min(rankOf(value, histogram) ?? total, total);
  return { value: (rank(upper) - rank(lower)) / histogram.count, nan: total < histogram.count ? 'skewed' : 'none' };
}

/** How many observations are in buckets: all but NaN. */
function bucketTotal(histogram: Histogram): number {
  return allBuckets(histogram).reduce((total, bucket) => total + bucket.count, 0);
}

/** How many observations lie below a value; null when all do. Infinite buckets cannot be divided: a value inside counts none of the last, all of the first. */
function rankOf(value: number, histogram: Histogram): number | null {
  let rank = 0;
  for (const bucket of allBuckets(histogram)) {
    const { lower, upper } = zeroEdges(histogram, bucket);
    if (lower >= value) return rank;
    if (upper > value) {
      if (lower === Number.NEGATIVE_INFINITY) return rank + bucket.count;
      const linear = usesCustomBuckets(histogram) || (bucket.lower <= 0 && bucket.upper >= 0);
      if (linear) return rank + (bucket.count * (value - lower)) / (upper - lower);
      const [from, to, at] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper)), Math.log2(Math.abs(value))];
      return rank + bucket.count * (value > 0 ? (at - from) / (to - from) : 1 - (at - to) / (from - to));
    }
    rank += bucket.count;
  }
  return null;
}
