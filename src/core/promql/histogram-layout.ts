import { type Buckets, CUSTOM_SCHEMA, type Histogram } from './histogram.ts';

/** Are the bounds listed one by one instead of following a formula? */
export function usesCustomBuckets(histogram: Histogram): boolean {
  return histogram.schema === CUSTOM_SCHEMA;
}

/** The upper bound of a positive bucket. */
export function upperBound(histogram: Pick<Histogram, 'schema' | 'customValues'>, index: number): number {
  const { schema, customValues } = histogram;
  if (schema !== CUSTOM_SCHEMA) return exponentialBound(schema, index);
  if (index < 0) return Number.NEGATIVE_INFINITY;
  return customValues[index] ?? Number.POSITIVE_INFINITY;
}

function exponentialBound(schema: number, index: number): number {
  // The bucket that ends at 2^1024 ends at the largest number instead, so that the next one is left to infinity.
  const power = schema < 0 ? index * 2 ** -schema : index / 2 ** schema;
  if (power === 1024) return Number.MAX_VALUE;
  if (schema <= 0) return 2 ** power;
  const whole = Math.floor(power);
  // In two steps: the mantissa exactly as everybody computes it, then the exponent without loss.
  return 2 ** (power - whole) * 2 ** whole;
}

/** One bucket with its bounds. */
export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
  readonly count: number;
}

/** The filled buckets from the lowest to the highest values, the zero bucket in its place. */
export function allBuckets(histogram: Histogram): Bucket[] {
  const buckets: Bucket[] = [];
  const { negative, positive } = histogram;
  for (let at = negative.index.length - 1; at >= 0; at -= 1) {
    const index = negative.index[at] ?? 0;
    const count = negative.count[at] ?? 0;
    if (count === 0) continue;
    const lower = -upperBound(histogram, index);
    buckets.push({ lower, upper: -upperBound(histogram, index - 1), lowerInclusive: true, upperInclusive: false, count });
  }
  if (histogram.zeroCount !== 0) buckets.push(zeroBucket(histogram));
  for (let at = 0; at < positive.index.length; at += 1) {
    const index = positive.index[at] ?? 0;
    const count = positive.count[at] ?? 0;
    if (count === 0) continue;
    const lower = upperBound(histogram, index - 1);
    buckets.push({ lower, upper: upperBound(histogram, index), lowerInclusive: false, upperInclusive: true, count });
  }
  return buckets;
}

/** The bucket around zero. */
export function zeroBucket(histogram: Histogram): Bucket {
  const { zeroThreshold, zeroCount } = histogram;
  return { lower: -zeroThreshold, upper: zeroThreshold, lowerInclusive: true, upperInclusive: true, count: zeroCount };
}

/** The smallest zero threshold not below the given one that cuts through no filled bucket. */
export function growThreshold(histogram: Histogram, threshold: number): number {
  if (threshold <= histogram.zeroThreshold) return histogram.zeroThreshold;
  let grown = threshold;
  for (const buckets of [histogram.positive, histogram.negative]) {
    for (const [at, index] of buckets.index.entries()) {
      const lower = upperBound(histogram, index - 1);
      if (lower >= grown) break;
      if (buckets.count[at] !== 0 && upperBound(histogram, index) > grown) grown = upperBound(histogram, index);
    }
  }
  return grown === threshold ? grown : growThreshold(histogram, grown);
}

/** The histogram with a larger zero bucket, which takes in every bucket that begins inside of it. */
export function raiseZeroThreshold(histogram: Histogram, threshold: number): Histogram {
  if (threshold === histogram.zeroThreshold) return histogram;
  let { zeroCount } = histogram;
  const split = (buckets: Buckets): Buckets => {
    const outside = (at: number): boolean => upperBound(histogram, (buckets.index[at] ?? 0) - 1) >= threshold;
    for (const [at, count] of buckets.count.entries()) {
      if (!outside(at)) zeroCount += count;
    }
    return { index: buckets.index.filter((_, at) => outside(at)), count: buckets.count.filter((_, at) => outside(at)) };
  };
  const positive = split(histogram.positive);
  const negative = split(histogram.negative);
  return { ...histogram, zeroThreshold: threshold, zeroCount, positive, negative };
}

/** The histogram with coarser buckets: each step down in the schema joins two neighbours. */
export function reduceSchema(histogram: Histogram, schema: number): Histogram {
  if (histogram.schema === schema || usesCustomBuckets(histogram)) return histogram;
  const shift = histogram.schema - schema;
  const target = (index: number): number => ((index - 1) >> shift) + 1;
  return { ...histogram, schema, positive: regroup(histogram.positive, target), negative: regroup(histogram.negative, target) };
}

/** The histogram with fewer listed bounds; each of the new ones must be among the old. */
export function toBounds(histogram: Histogram, bounds: readonly number[]): Histogram {
  const target = (index: number): number => {
    const upper = histogram.customValues[index] ?? Number.POSITIVE_INFINITY;
    const found = bounds.findIndex((bound) => bound >= upper);
    return found < 0 ? bounds.length : found;
  };
  return { ...histogram, customValues: bounds, positive: regroup(histogram.positive, target) };
}

function regroup(buckets: Buckets, target: (index: number) => number): Buckets {
  const index: number[] = [];
  const count: number[] = [];
  for (const [at, old] of buckets.index.entries()) {
    const next = target(old);
    if (index.at(-1) === next) {
      count[count.length - 1] = (count.at(-1) ?? 0) + (buckets.count[at] ?? 0);
    } else {
      index.push(next);
      count.push(buckets.count[at] ?? 0);
    }
  }
  return { index: Int32Array.from(index), count: Float64Array.from(count) };
}
