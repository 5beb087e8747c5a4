import { type Buckets, CUSTOM_SCHEMA, type Histogram, NO_BUCKETS } from '../promql/histogram.ts';
import { type Bucket, upperBound } from '../promql/histogram-layout.ts';
import { parseNumber } from '../promql/number.ts';

const MOST_BUCKETS = 20_000;
/** As a share of a bound: what others compute in another way differs by less. */
const TOLERANCE = 1e-9;

/**
 * Reads a native histogram as Prometheus' query API writes it (`{count, sum, buckets: [[rule, lower, upper, count], ...]}`); null when it
 * is none. The API gives bounds: the schema is the one that has them, and where none has they are listed one by one. What it does not
 * give is unknown: what the sample says of resets, and whether it is a gauge.
 */
export function parseJsonHistogram(value: unknown): Histogram | null {
  if (typeof value !== 'object' || value === null) return null;
  const { count: countText, sum: sumText, buckets: list = [] } = value as Readonly<Record<string, unknown>>;
  const count = numberOf(countText);
  const sum = numberOf(sumText);
  if (count === null || sum === null || !Array.isArray(list) || list.length > MOST_BUCKETS) return null;
  const buckets: Bucket[] = [];
  for (const one of list as readonly unknown[]) {
    const bucket = bucketOf(one);
    if (bucket === null) return null;
    buckets.push(bucket);
  }
  const layout = exponentialLayout(buckets) ?? customLayout(buckets);
  return layout === null ? null : { ...layout, hint: 'unknown', count, sum };
}

function numberOf(text: unknown): number | null {
  return typeof text === 'string' ? parseNumber(text) : null;
}

function bucketOf(value: unknown): Bucket | null {
  if (!Array.isArray(value)) return null;
  const [rule, lowerText, upperText, countText] = value as readonly unknown[];
  const [lower, upper, count] = [numberOf(lowerText), numberOf(upperText), numberOf(countText)];
  if (typeof rule !== 'number' || lower === null || upper === null || count === null || !(lower <= upper)) return null;
  return { lower, upper, lowerInclusive: rule === 1 || rule === 3, upperInclusive: rule === 0 || rule === 3, count };
}

type Layout = Omit<Histogram, 'hint' | 'count' | 'sum'>;

function exponentialLayout(buckets: readonly Bucket[]): Layout | null {
  const zero = buckets.find(isZero);
  const others = buckets.filter((bucket) => bucket !== zero);
  const schema = others.length === 0 ? 0 : others.map(schemaOf).find((one) => one !== null);
  if (schema === undefined) return null;
  const positive: (readonly [number, number])[] = [];
  const negative: (readonly [number, number])[] = [];
  for (const { lower, upper, count } of others) {
    const [from, to] = lower >= 0 ? [lower, upper] : [-upper, -lower];
    const index = indexOf(to, schema);
    if (index === null || !isNear(upperBound({ schema, customValues: [] }, index - 1), from)) return null;
    (lower >= 0 ? positive : negative).push([index, count]);
  }
  const zeroThreshold = zero?.upper ?? 0;
  return {
    schema,
    zeroThreshold,
    zeroCount: zero?.count ?? 0,
    positive: toBuckets(positive),
    negative: toBuckets(negative),
    customValues: [],
  };
}

/** Both of its bounds belong to it, and nothing else around zero does. */
function isZero({ lower, upper, lowerInclusive, upperInclusive }: Bucket): boolean {
  return lowerInclusive && upperInclusive && lower === -upper;
}

/** The schema whose buckets are as wide: the larger bound is the smaller one times 2^(2^-schema). */
function schemaOf({ lower, upper }: Bucket): number | null {
  const [from, to] = lower >= 0 ? [lower, upper] : [-upper, -lower];
  // The last finite bucket ends at the largest number instead of 2^1024.
  if (!(from > 0) || to >= Number.MAX_VALUE) return null;
  const power = Math.log2(to) - Math.log2(from);
  const schema = 0 - Math.round(Math.log2(power));
  return schema >= -4 && schema <= 8 ? schema : null;
}

function indexOf(bound: number, schema: number): number | null {
  const power = bound === Number.MAX_VALUE ? 1024 : Math.log2(bound);
  const index = Math.round(power * 2 ** schema);
  if (bound === Number.POSITIVE_INFINITY) return 1024 * 2 ** schema + 1;
  return isNear(upperBound({ schema, customValues: [] }, index), bound) ? index : null;
}

function isNear(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.abs(b);
}

function customLayout(buckets: readonly Bucket[]): Layout | null {
  const bounds = [...new Set(buckets.flatMap(({ lower, upper }) => [lower, upper]))].filter(Number.isFinite).sort((a, b) => a - b);
  const places = new Map(bounds.map((bound, index) => [bound, index] as const));
  const positive: (readonly [number, number])[] = [];
  for (const { lower, upper, upperInclusive, count } of buckets) {
    const index = upper === Number.POSITIVE_INFINITY ? bounds.length : (places.get(upper) ?? -1);
    const before = lower === Number.NEGATIVE_INFINITY ? -1 : (places.get(lower) ?? Number.NaN);
    if (index !== before + 1 || (!upperInclusive && upper !== Number.POSITIVE_INFINITY)) return null;
    positive.push([index, count]);
  }
  return {
    schema: CUSTOM_SCHEMA,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: toBuckets(positive),
    negative: NO_BUCKETS,
    customValues: bounds,
  };
}

function toBuckets(pairs: (readonly [index: number, count: number])[]): Buckets {
  if (pairs.length === 0) return NO_BUCKETS;
  pairs.sort((a, b) => a[0] - b[0]);
  return { index: Int32Array.from(pairs, ([index]) => index), count: Float64Array.from(pairs, ([, count]) => count) };
}
