/** A native histogram as an answer brings it. */
export interface Histogram {
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly Bucket[];
}

export interface Bucket {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

const MOST_BUCKETS = 1000;

/** The histogram of an answer; null when it is none. */
export function parseHistogram(body: unknown): Histogram | null {
  if (typeof body !== 'object' || body === null || !('count' in body) || !('sum' in body)) return null;
  const listed: readonly unknown[] = 'buckets' in body && Array.isArray(body.buckets) ? body.buckets : [];
  const buckets = listed.slice(0, MOST_BUCKETS).flatMap((bucket): Bucket[] => {
    if (!Array.isArray(bucket)) return [];
    const [lower, upper, count] = [Number(bucket[1]), Number(bucket[2]), Number(bucket[3])];
    return Number.isNaN(lower) || Number.isNaN(upper) || !Number.isFinite(count) ? [] : [{ lower, upper, count }];
  });
  return { count: Number(body.count), sum: Number(body.sum), buckets: buckets.toSorted((a, b) => a.upper - b.upper) };
}

/** The value below which `share` of the observations lie, found within its bucket by a straight line; null when there is none. */
export function quantileOf({ buckets }: Histogram, share: number): number | null {
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  if (!(total > 0)) return null;
  let left = share * total;
  for (const { lower, upper, count } of buckets) {
    if (left > count) {
      left -= count;
      continue;
    }
    if (!Number.isFinite(lower)) return Number.isFinite(upper) ? upper : null;
    if (!Number.isFinite(upper)) return lower;
    return count > 0 ? lower + (upper - lower) * (left / count) : lower;
  }
  return buckets.at(-1)?.upper ?? null;
}
