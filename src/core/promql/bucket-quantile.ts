/** One bucket of a classic histogram: how many observations are at most `upper`. */
export interface ClassicBucket {
  readonly upper: number;
  count: number;
}

/** Differences smaller than this share are rounding errors of rates. */
const TOLERANCE = 1e-12;

/** What had to be mended so that counts do not fall with growing bounds. */
export interface Mended {
  readonly lowest: number;
  readonly highest: number;
  readonly difference: number;
}

/** The buckets in order, with equal bounds joined; null when the one for +Inf is missing. */
export function joinBuckets(input: readonly ClassicBucket[]): ClassicBucket[] | null {
  const sorted = [...input].sort((a, b) => a.upper - b.upper);
  if (sorted.at(-1)?.upper !== Number.POSITIVE_INFINITY) return null;
  const buckets: ClassicBucket[] = [];
  for (const { upper, count } of sorted) {
    const last = buckets.at(-1);
    if (last?.upper === upper) last.count += count;
    else buckets.push({ upper, count });
  }
  return buckets;
}

/** The buckets in order, with equal bounds joined and counts that never fall; null when the one for +Inf is missing. */
export function prepareBuckets(
  input: readonly ClassicBucket[],
): { readonly buckets: ClassicBucket[]; readonly mended: Mended | null } | null {
  const buckets = joinBuckets(input);
  if (buckets === null) return null;
  let mended = null as Mended | null;
  let previous = buckets[0]?.count ?? 0;
  for (const bucket of buckets) {
    if (bucket.count === previous) continue;
    if (almostEqual(bucket.count, previous)) {
      bucket.count = previous;
    } else if (bucket.count < previous) {
      const difference = Math.max(mended?.difference ?? 0, previous - bucket.count);
      mended = { lowest: Math.min(mended?.lowest ?? bucket.upper, bucket.upper), highest: bucket.upper, difference };
      bucket.count = previous;
    } else {
      previous = bucket.count;
    }
  }
  return { buckets, mended };
}

function almostEqual(a: number, b: number): boolean {
  return Math.abs(a - b) / Math.min(Math.abs(a) + Math.abs(b), Number.MAX_VALUE) < TOLERANCE;
}

/** The answer to a quantile that is none: ±Inf outside of 0..1, NaN for NaN; null for every other. */
export function outsideQuantile(q: number): number | null {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  return q > 1 ? Number.POSITIVE_INFINITY : null;
}

/** The quantile (0..1) of a classic histogram, linear inside the bucket; the buckets come from `prepareBuckets`. */
export function bucketQuantile(q: number, buckets: readonly ClassicBucket[]): number {
  const last = buckets.length - 1;
  const total = buckets[last]?.count ?? 0;
  if (last < 1 || total === 0) return Number.NaN;
  let rank = q * total;
  let at = 0;
  while (at < last && !((buckets[at]?.count ?? 0) >= rank)) at += 1;
  if (at === last) return buckets[last - 1]?.upper ?? Number.NaN;
  const upper = buckets[at]?.upper ?? 0;
  if (at === 0 && upper <= 0) return upper;
  const before = buckets[at - 1];
  let count = buckets[at]?.count ?? 0;
  if (before !== undefined) {
    count -= before.count;
    rank -= before.count;
  }
  const lower = before?.upper ?? 0;
  return lower + (upper - lower) * (rank / count);
}

/** The share of the observations of a classic histogram between two values; the buckets come from `joinBuckets`, whose counts are taken as they are. */
export function bucketFraction(lower: number, upper: number, buckets: readonly ClassicBucket[]): number {
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  const rank = (value: number): number => Math.min(bucketRank(value, buckets), total);
  return (rank(upper) - rank(lower)) / total;
}

function bucketRank(value: number, buckets: readonly ClassicBucket[]): number {
  let rank = 0;
  // As for the quantile, the first bucket begins at 0 unless it ends below.
  let from = (buckets[0]?.upper ?? 0) <= 0 ? Number.NEGATIVE_INFINITY : 0;
  for (const { upper, count } of buckets) {
    if (from >= value) return rank;
    // An infinite bucket cannot be divided: a value inside counts all of the first, none of the last.
    if (upper > value) return from === Number.NEGATIVE_INFINITY ? count : rank + ((count - rank) * (value - from)) / (upper - from);
    rank = count;
    from = upper;
  }
  return rank;
}
